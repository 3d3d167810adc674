"""What the account book of spot calls its rows, and what each is to us.

By the documentation's list of types; `order_buy`, `order_sell` and `lend` are in no list and were seen. Of a custodian's rows
(Fireblocks, Copper) no public source says whether the list of deposits has them, too: they stay unexplained.
"""

from finance.records import FlowKind, IncomeKind

DEPOSIT, WITHDRAWAL = "deposit", "withdraw"
CODE = (FlowKind.DEPOSIT, FlowKind.WITHDRAWAL)  # what comes in, what goes out
P2P = (FlowKind.P2P_PURCHASE, FlowKind.P2P_SALE)
BANK = (FlowKind.CARD_PURCHASE, FlowKind.CARD_SALE)
GIFT = (FlowKind.PAY_RECEIVED, FlowKind.PAY_SENT)
GATECODES = ("deposit_gatecode", "withdraw_gatecode")
P2P_ORDERS = ("c2c_mop", "c2c_moc", "c2c_rop", "c2c_roc", "c2c_om", "c2c_or")
BANK_MONEY = ("buy_cl", "buy_cc", "deposit_finmo")
GIFTS = ("rp_sent", "rp_rcvd", "rp_rej", "donation", "ls_offered", "ls_rcvd", "pt_offered", "pt_rcvd")
FLOWS = {
    **dict.fromkeys(GATECODES, CODE),
    **dict.fromkeys(P2P_ORDERS, P2P),
    **dict.fromkeys(BANK_MONEY, BANK),
    **dict.fromkeys(GIFTS, GIFT),
}
FLOW_KINDS = (*CODE, *P2P, *BANK, *GIFT)
REBATES = ("referral_rebate", "sec_rebate_in", "sec_rebate_out", "ab_rebate", "eb_rebate", "u_rebate", "ads_rebate",
           "au_rebate", "pis_rebate", "pds_rebate", "pu_rebate")  # fmt: skip
REWARDS = ("deposit_bonus", "trading_rewards", "purchase_bonus", "airdrop", "award", "mining_rewards")
YIELDS = ("hodl_int", "slot_int_in", "str_int_in")
OTHERS = ("c2c_fee", "lending_fee", "eth_swap", "points_purchase", "startup_prtcp", "startup_refund", "startup_sale",
          "startup_sale_rb", "startup_withdraw", "subs_deduct", "subs_in", "subs_refund", "subs_in_rcvd")  # fmt: skip
INCOME = {
    **dict.fromkeys(REBATES, IncomeKind.REBATE),
    **dict.fromkeys(REWARDS, IncomeKind.DIVIDEND),
    **dict.fromkeys(YIELDS, IncomeKind.EARN_INTEREST),
    **dict.fromkeys(OTHERS, IncomeKind.OTHER),
}
TRADES = ("new_order", "cancel_order", "order_fill", "order_rej", "order_fee", "order_buy", "order_sell", "system_fee",
          "dust_swap_dctd", "dust_swap_gt_add", "dust_swap_fee", "cv_buy", "cv_sell")  # fmt: skip
MOVES = (DEPOSIT, WITHDRAWAL, "deposit_rej", "withdraw_rej", "cancel_withdraw", "subaccount_trf", "push_dctd", "push_sent",
         "push_rcvd", "push_rcvd_dctd", "push_canceled", "push_rej")  # fmt: skip
PRODUCTS = ("interest_in", "lending_lent", "collected", "redeem", "lend", "dual_purchased", "dual_settled", "liq_add",
            "liq_rm", "liq_rebalanced", "borrow", "repay", "margin_borrow", "margin_repay", "margin_interest_out",
            "cl_borrow", "cl_repay", "cl_dctd", "cl_rtd", "cross_borrow", "cross_repay", "interest_out")  # fmt: skip
CUSTODIANS = ("deposit_fireblock", "withdraw_fireblock", "deposit_copper", "withdraw_copper")
OWN_WALLETS = ("margin", "spot_settle", "lending", "cross", "perp", "perp_settle", "delivery", "ai", "e_options", "options",
               "cbbc", "warrant", "quant", "quant_cmn", "pay", "fct")  # fmt: skip
OWN_MOVES = tuple(f"{wallet}_{way}" for wallet in OWN_WALLETS for way in ("in", "out"))
SHOWN_ELSEWHERE = frozenset((*TRADES, *MOVES, *PRODUCTS, *CUSTODIANS, *OWN_MOVES))
