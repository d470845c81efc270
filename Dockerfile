# syntax=docker/dockerfile:1
# rehearse in a small image, without a shell, as a user without rights: docs/ci.md.
#
#   docker build --tag rehearse --build-arg "COMMIT=$(git rev-parse --short=12 HEAD)" .
#   docker run --rm rehearse run /usr/local/share/rehearse/scenarios/smoke.yaml

# The toolchain that Cargo.toml names as the oldest, on the Debian of the image below: a binary wants the C library that
# it was linked with, or a newer one.
FROM rust:1.90-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY benches benches
COPY src src
# There is no git here to ask; the report names it.
ARG COMMIT
ENV REHEARSE_COMMIT=${COMMIT}
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked && \
    cp target/dist/rehearse /usr/local/bin/rehearse && \
    mkdir /man /work && \
    rehearse man /man

# C library, libgcc and certificates of the public authorities; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/local/bin/rehearse /usr/local/bin/rehearse
COPY --from=build /man /usr/local/share/man/man1
COPY scenarios /usr/local/share/rehearse/scenarios
# Reports and the vault are written into the current folder: mount yours here.
COPY --from=build --chown=65532:65532 /work /work
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/rehearse"]
CMD ["--help"]
