"""What a number is: pure, `Decimal` in and out, no clock, network or database, and nothing of ours imported.

decimals → records → observed → prices → valuation → unpriced → ledger_entries → contracts → exposure → flow_values →
units → benchmark → track → transfers → plausibility → attribution → hour_status → measures; inventory → trades → trade_book → order_roles → trade_notes → order_plans → order_evidence → order_groups → trade_metrics
"""
