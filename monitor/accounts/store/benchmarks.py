"""The configured benchmarks of each account."""

from decimal import Decimal
from typing import Any

from finance.benchmark import BenchmarkConfig, Rebalance, Withdrawals
from sql.rows import Db, load_rows, load_value, load_values


def record_benchmark(db: Db, config: BenchmarkConfig) -> bool:
    """Add a benchmark (its id is ignored); returns False when the account has one of that name."""
    return bool(
        db.execute(
            """
            insert into benchmark_configs (account_id, name, assets, weights, rebalance, band, fee, withdrawals)
            values (
              %(account)s, %(name)s, %(assets)s, %(weights)s, %(rebalance)s, %(band)s, %(fee)s, %(withdrawals)s
            )
            on conflict (account_id, name) do nothing
            """,
            {
                "account": config.account_id,
                "name": config.name,
                "assets": list(config.assets),
                "weights": [share for _, share in config.weights],
                "rebalance": str(config.rebalance),
                "band": config.band,
                "fee": config.fee,
                "withdrawals": str(config.withdrawals),
            },
        ).rowcount
    )


def set_default_benchmark(db: Db, account_id: int, name: str) -> None:
    """Make one benchmark the account's default."""
    db.execute(
        "update benchmark_configs set is_default = (name = %(name)s) where account_id = %(account)s",
        {"account": account_id, "name": name},
    )


def delete_benchmark(db: Db, benchmark_id: int) -> None:
    """Remove a benchmark with what was derived for it; adding it again computes all of it again."""
    db.execute("delete from benchmark_flows where benchmark_id = %(id)s", {"id": benchmark_id})
    db.execute("delete from benchmark_history where benchmark_id = %(id)s", {"id": benchmark_id})
    db.execute("delete from benchmark_configs where id = %(id)s", {"id": benchmark_id})


def load_account_id(db: Db, label: str) -> int | None:
    """The number of the account or portfolio with this label."""
    account_id: int | None = load_value(db, "select id from accounts where label = %(label)s", {"label": label})
    return account_id


def load_labels(db: Db) -> list[str]:
    """The labels of the tracked accounts."""
    return load_values(db, "select label from accounts where id > 0 and enabled order by id")


def load_compared_labels(db: Db) -> list[str]:
    """The labels of what is compared with a benchmark: portfolios, then accounts; all together where there are several."""
    return load_values(
        db,
        """
        select label
        from accounts
        where enabled and (id <> 0 or (select count(*) from accounts where id > 0 and enabled) > 1)
        order by id > 0, abs(id)
        """,
    )


def load_configs(db: Db, account_id: int) -> tuple[BenchmarkConfig, ...]:
    """The account's benchmarks, the default one first."""
    return load_rows(
        db,
        _read_config,
        """
        select id, account_id, name, assets, weights, rebalance, is_default, band, fee, withdrawals
        from benchmark_configs
        where account_id = %(id)s
        order by is_default desc, id
        """,
        {"id": account_id},
    )


def _read_config(
    *, assets: list[str], weights: list[Decimal], rebalance: str, withdrawals: str, **others: Any
) -> BenchmarkConfig:
    return BenchmarkConfig(
        weights=tuple(zip(assets, weights, strict=True)),
        rebalance=Rebalance(rebalance),
        withdrawals=Withdrawals(withdrawals),
        **others,
    )
