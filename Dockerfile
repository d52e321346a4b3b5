# A small image of Kliping that does not run as root: the first stage builds, the second has no build tools.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/kliping
ENV PATH="/opt/kliping/bin:$PATH"
COPY requirements.txt ./
RUN python -m pip install --no-cache-dir -r requirements.txt
COPY . .
RUN python -m pip install --no-cache-dir --no-deps .

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore, for backups of an archive in PostgreSQL: version 15, which a newer server refuses (docs/postgresql.md).
# No exact version: Debian removes one when it has a newer one.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
RUN openssl version \
    && groupadd --gid 10001 kliping \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --no-log-init kliping \
    && install --directory --owner=10001 --group=10001 /data
COPY --from=build /opt/kliping /opt/kliping
COPY --chmod=0555 docker/entrypoint.sh /usr/local/lib/kliping/
ENV PATH="/opt/kliping/bin:$PATH" \
    KLIPING_HOME=/data \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
ENTRYPOINT ["/usr/local/lib/kliping/entrypoint.sh"]
CMD ["kliping", "schedule", "run"]
# Unhealthy: a window was missed, a source is overdue, no scheduler runs, or archive, index or disk need a look.
HEALTHCHECK --interval=2m --timeout=1m --start-period=2m --retries=3 \
    CMD ["/usr/local/lib/kliping/entrypoint.sh", "kliping", "status"]
