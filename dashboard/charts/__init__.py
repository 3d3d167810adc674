"""Charts as SVG, one kind a module, drawn for the eye: direct labels, visible gaps, colours everybody can distinguish.

SVG, compressed on its way, is sharper than PNG and, with at most two points a column of pixels, smaller too. Floats
live here alone: they are places on paper, never money.
"""
