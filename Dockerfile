# Debian 12, on which the project is tested, and the newest Python that has had a year of fixes and ready-made wheels of
# every dependency: nothing is compiled here.
# Named once, and not by an ARG, which Dependabot does not read.
FROM python:3.13-slim-bookworm AS base

FROM base AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# The requirements alone first: a change of the code then does not install them again.
COPY requirements/ requirements/
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes --only-binary=:all: -r requirements/build.txt \
 && python -m venv --without-pip /opt/wolkvox-exporter \
 && pip --python=/opt/wolkvox-exporter/bin/python install --require-hashes --only-binary=:all: -r requirements/run.txt

COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY exporter/ exporter/
# The documentation, which is served, and the files that `wolkvox-exporter assets` writes.
COPY docs/ docs/
COPY prometheus/ prometheus/
COPY alertmanager/ alertmanager/
COPY grafana/ grafana/
# Bytecode that is never checked against its source starts faster, and stays valid when a builder sets all file times.
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir=/src/dist . \
 && pip --python=/opt/wolkvox-exporter/bin/python install --no-deps --no-index dist/*.whl \
 && /opt/wolkvox-exporter/bin/python -m compileall -q -f --invalidation-mode=unchecked-hash /opt/wolkvox-exporter/lib

FROM base
# The base image ships the standard library without bytecode, so that every start, each health check too, would compile
# it anew; and its pip is of no use here, nor the one that it keeps for new environments. The folder of the state is
# the group's too: some clusters choose the user, and give it the group 0.
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
 && rm -r "$(python -c 'import ensurepip; print(*ensurepip.__path__)')" \
 && mkdir --mode=0775 /var/lib/wolkvox-exporter && chown 65532:0 /var/lib/wolkvox-exporter \
 && python -m compileall -q --invalidation-mode=unchecked-hash -x '/(idlelib|pydoc_data|tkinter|turtledemo)/' \
    "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"

COPY --from=builder /opt/wolkvox-exporter /opt/wolkvox-exporter

# Whoever runs a command in the container finds the program and the configuration as the exporter does. There is room for
# the commands' temporary files, too, where all else is read-only.
WORKDIR /etc/wolkvox-exporter
ENV PATH=/opt/wolkvox-exporter/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TMPDIR=/var/lib/wolkvox-exporter

# docker build --build-arg=REVISION="$(git rev-parse HEAD)" .
ARG REVISION=
ARG VERSION=
ARG SOURCE=
ENV WOLKVOX_EXPORTER_REVISION=${REVISION}
LABEL org.opencontainers.image.title="wolkvox-exporter" \
      org.opencontainers.image.description="Prometheus exporter for wolkvox, the cloud contact centre" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.source="${SOURCE}"

# By number, so that an orchestrator can tell that it is not root without looking into the image.
USER 65532:65532
EXPOSE 10042
VOLUME ["/var/lib/wolkvox-exporter"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
    CMD ["/opt/wolkvox-exporter/bin/wolkvox-exporter", "health"]
ENTRYPOINT ["/opt/wolkvox-exporter/bin/wolkvox-exporter"]
CMD ["serve", "--config.file=/etc/wolkvox-exporter/config.yaml"]
