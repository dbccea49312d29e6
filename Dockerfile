# The image holds the binary, the certificates of public authorities (WeChat is reached over HTTPS) and empty folders for data and backups; no shell,
# nothing to patch. China's time is a fixed offset in the code, so no zone files are needed.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/zhibu . \
 && mkdir -p /out/folders/data /out/folders/backups

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/zhibu /zhibu
# A volume takes over the owner of the folder it first covers.
COPY --from=build --chown=65532:65532 /out/folders/ /
USER 65532:65532
ENV ZHIBU_DATA_DIR=/data \
    ZHIBU_LISTEN=0.0.0.0:8080 \
    ZHIBU_ADMIN_LISTEN=127.0.0.1:9090
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 CMD ["/zhibu", "health"]
ENTRYPOINT ["/zhibu"]
CMD ["serve"]
