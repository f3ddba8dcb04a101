# One image for every process of Greenlight: the web server, the worker and the commands of the terminal.
# docs/deployment.md says how to run it; compose.yaml beside this file is an example.
FROM python:3.13-slim-bookworm AS packages
COPY requirements.lock .
RUN python -m venv /opt/greenlight/.venv \
    && /opt/greenlight/.venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: -r requirements.lock

FROM python:3.13-slim-bookworm
# A user with a name: the embedded PostgreSQL runs for no other, should nobody set DATABASE_URL.
RUN useradd --system --uid 10001 --home-dir /var/lib/greenlight --create-home greenlight
WORKDIR /opt/greenlight
COPY --from=packages /opt/greenlight/.venv .venv
COPY app.py cli.py ./
COPY core core
COPY db db
COPY pages pages
COPY .streamlit .streamlit
RUN .venv/bin/python -m compileall -q app.py cli.py core db pages
ENV PATH=/opt/greenlight/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GREENLIGHT_DATA=/var/lib/greenlight \
    GREENLIGHT_LOG=json
USER greenlight
EXPOSE 8501 9109
ENTRYPOINT ["python", "cli.py"]
CMD ["web", "--address", "0.0.0.0"]
