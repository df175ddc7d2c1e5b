# Two images from one recipe: `web` (API, scheduler, migrations; no torch) and `worker` (runs the model).
# TORCH_BACKEND chooses PyTorch's build, as uv's option of that name does: cpu, cu128, ...; empty is the default CUDA build.

FROM python:3.12-slim AS source
RUN pip install --no-cache-dir uv && uv venv /opt/dermtriage
WORKDIR /source
ENV VIRTUAL_ENV=/opt/dermtriage UV_LINK_MODE=copy
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY dermtriage dermtriage
COPY intake intake
COPY worker worker
COPY vlm vlm
COPY triage triage
COPY review review
COPY surveillance surveillance
COPY webhooks webhooks
COPY web web
COPY db db
COPY migrations migrations
COPY training training
COPY evaluation evaluation

FROM source AS web-build
RUN uv pip install --no-cache --constraint requirements.lock .

FROM source AS worker-build
ARG TORCH_BACKEND=cpu
RUN uv pip install --no-cache --constraint requirements.lock ${TORCH_BACKEND:+--torch-backend=$TORCH_BACKEND} ".[model]"

FROM python:3.12-slim AS runtime
RUN useradd --uid 10001 --create-home dermtriage && install --directory --owner dermtriage --mode 700 /data
# A key for the pages' forms is made once, for those who did not set SECRET_KEY. A link appears whole or not at all.
COPY --chmod=755 <<'SCRIPT' /usr/local/bin/entrypoint
#!/bin/sh
set -eu
umask 077
if [ -z "${SECRET_KEY:-}" ]; then
    if ! [ -s /data/secret_key ]; then
        scratch=$(mktemp /data/.secret_key.XXXXXX)
        python -c 'import secrets; print(secrets.token_urlsafe(48))' > "$scratch"
        ln "$scratch" /data/secret_key 2>/dev/null || true
        rm "$scratch"
    fi
    SECRET_KEY=$(cat /data/secret_key)
    export SECRET_KEY
fi
exec dermtriage "$@"
SCRIPT
ENV PATH=/opt/dermtriage/bin:$PATH PYTHONUNBUFFERED=1 IMAGE_STORE_URL=file:///data/images
VOLUME /data
USER dermtriage
WORKDIR /home/dermtriage
ENTRYPOINT ["entrypoint"]

FROM runtime AS web
COPY --from=web-build /opt/dermtriage /opt/dermtriage
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
CMD ["api"]

FROM runtime AS worker
COPY --from=worker-build /opt/dermtriage /opt/dermtriage
CMD ["worker"]
