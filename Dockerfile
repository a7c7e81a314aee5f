# The gateway as an image for the architecture of whoever builds it; Dockerfile.arm64 is the same for ARM64 boxes, and a
# test holds the two together. It stands at the top under this name because `docker build .` and compose look for it there.
#
#   docker build --build-arg VERSION=0.2.0 --build-arg REVISION=$(git rev-parse HEAD) -t framegate .
#   docker run --rm --read-only --tmpfs /tmp -p 8080:8080 framegate
#
# It runs without settings, as a trial in the development profile. What serves anybody sets FRAMEGATE_PROFILE=production,
# as everything in deploy/ does.
ARG NODE_IMAGE=docker.io/library/node:22-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /src
# Packages change more seldom than sources: this layer is built anew only with the lock file. The bundlers are the only
# development dependencies that are needed; the others are struck out, so that `npm ci` still checks each package against the
# lock file. No package runs a script here.
COPY package.json package-lock.json .npmrc ./
COPY scripts/image-packages.ts scripts/image-packages.ts
RUN node scripts/image-packages.ts && npm ci --ignore-scripts
COPY . .
RUN node scripts/build.ts --image /image && install -d /image/data

FROM ${NODE_IMAGE}
ARG VERSION=0.0.0-local
ARG REVISION=unknown
ARG SOURCE=
LABEL org.opencontainers.image.title="framegate" \
      org.opencontainers.image.description="Real-time WebSocket gateway for native game, IM and edge clients" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
# The program belongs to root, and whoever runs it cannot change it.
COPY --from=build /image/LICENSE /image/package.json /opt/framegate/
COPY --from=build /image/node_modules /opt/framegate/node_modules
COPY --from=build /image/dist /opt/framegate/dist
COPY --from=build --chown=1000:1000 /image/data /var/lib/framegate
RUN ln -s /opt/framegate/dist/framegate.js /usr/local/bin/framegate
# A number, so that an orchestrator sees without a look into the image that it is not root. It is `node` of the base.
USER 1000:1000
WORKDIR /opt/framegate
ENV FRAMEGATE_DATA_DIR=/var/lib/framegate
# Where accounts and a key of its own are kept, if nothing else is configured. Without a volume of that name the engine
# makes one, so the root file system can be read-only in any case.
VOLUME /var/lib/framegate
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["framegate", "health"]
# No init beside it: the gateway is made to be process 1. It listens to SIGTERM from its first line on and leaves with 0
# once drained, and the only processes it starts are its workers, for whose end it waits itself.
# What a storm of connects leaves in the young generation is kept by V8 as spare room: 8 MB instead of 16 are 15 MB less a process, and
# no request costs more (docs/operations/capacity.md).
ENTRYPOINT ["node", "--max-semi-space-size=8", "/opt/framegate/dist/framegate.js"]
CMD ["start"]
