# Worker, dashboard and the embedded PostgreSQL in one container; see deploy/README.md.
# Not built by us yet: tests/deploy looks at every line, and `make soak` runs its commands without Docker.
FROM python:3.13-slim AS packages
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv .venv && .venv/bin/python -m pip install --quiet --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.13-slim
RUN useradd --uid 10001 --home-dir /app --no-create-home --shell /usr/sbin/nologin portfolio \
    && install --directory --mode 0700 --owner portfolio --group portfolio /data
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY *.py ./
COPY dashboard dashboard
COPY finance finance
COPY look look
COPY monitor monitor
COPY serving serving
COPY sql sql
ENV PATH=/app/.venv/bin:/usr/local/bin:/usr/bin:/bin DATA_DIR=/data MPLCONFIGDIR=/tmp/matplotlib DASHBOARD_HOST=0.0.0.0 \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER portfolio
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m \
    CMD ["python", "-c", "import children, sys; sys.exit(not children.is_answered('127.0.0.1', 8000, '/health', 3))"]
CMD ["python", "run_forever.py"]
