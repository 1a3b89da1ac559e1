# The server alone: no connectors, no tests, no development dependencies.
#
#     docker build -t hookloom .
#     docker run -p 8787:8787 -v hookloom:/data --stop-timeout 20 hookloom

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image is Node 24 itself, so the optional node packages stay out (190 MB); the connectors are workspaces, whose
# dependencies (14 MB) the server does not need. What is left is 16 MB.
RUN npm ci --omit=dev --omit=optional --workspaces=false

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8787 \
    DATABASE_URL=sqlite:/data/hookloom.db \
    MALLOC_ARENA_MAX=1 \
    MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json openapi.yaml events.json ./
COPY server server
RUN mkdir -p /data node_modules/.cache/hookloom && chown node:node /data node_modules/.cache/hookloom
USER node
# Compiled modules are kept beside the dependencies: the server starts a second sooner and needs 50 MB less.
RUN node server/main.js --compile
VOLUME /data
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
# Not through npm, so that SIGTERM reaches the server: it needs up to 15 s to finish what is in flight.
CMD ["node", "server/main.js"]
