# The image that goreleaser makes of the programs of a release: nothing but the
# program, certificates of authorities and time zones, and a user that is not root.
FROM gcr.io/distroless/static-debian12:nonroot
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/staffctl /usr/bin/staffctl

# Configuration, instance key and store lie below the home directory.
ENV HOME=/home/nonroot
VOLUME /home/nonroot
WORKDIR /home/nonroot

# From outside of a container nobody reaches its 127.0.0.1.
ENV STAFFCTL_SERVE_LISTEN=:8080
EXPOSE 8080

USER 65532:65532
ENTRYPOINT ["/usr/bin/staffctl"]
