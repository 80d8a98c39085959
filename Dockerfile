# IzpoChat in a container: docker build -t izpochat .
# tools/try_container performs every line of this file without an engine, and runs what comes out.

FROM debian:bookworm-slim AS build
WORKDIR /src
# Apart from the sources, so that a change of these does not install everything again.
COPY script/setup script/common.sh script/
RUN script/setup
COPY . .
RUN script/build izpochat \
 && mkdir /out \
 && strip -o /out/izpochat build/release/izpochat \
 && packaging/runtime_packages /out/izpochat > /out/packages

FROM debian:bookworm-slim
COPY --from=build /out/packages /tmp/packages
# ca-certificates: for TLS to the database and to Google Cloud Storage.
RUN apt-get update -q \
 && apt-get install -q -y --no-install-recommends ca-certificates $(cat /tmp/packages) \
 && rm -rf /var/lib/apt/lists/* /tmp/packages \
 && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin izpochat \
 && install -d -o izpochat -g izpochat -m 0700 /data
COPY --from=build /out/izpochat /usr/local/bin/izpochat
ENV HOST=0.0.0.0
ENV PORT=8000
ENV DATA_DIR=/data
USER izpochat
WORKDIR /data
VOLUME /data
EXPOSE 8000
# The program is process 1: signals reach it, and it stops in good order on SIGTERM within ten seconds.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["izpochat", "health"]
ENTRYPOINT ["izpochat"]
CMD ["serve"]
