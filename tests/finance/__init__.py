"""What a number is: formulas beside published cases and other libraries."""
