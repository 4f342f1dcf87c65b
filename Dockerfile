# The image of the server and of its worker.
#
# The base images are in base-images.yml; build_and_push.py and Compose pass them.
ARG SWIFT_IMAGE
ARG DEBIAN_IMAGE

# libvips with the accepted formats only: Debian's build reads seventy formats, with a hundred megabytes of
# decoders that untrusted bytes must not reach. Built from Debian's source, with its security fixes.
FROM ${SWIFT_IMAGE} AS vips
ENV DEBIAN_FRONTEND=noninteractive
RUN sed -i 's/^Types: deb$/Types: deb deb-src/' /etc/apt/sources.list.d/debian.sources \
 && apt-get update \
 && apt-get install -y --no-install-recommends dpkg-dev g++ meson ninja-build pkg-config libexif-dev libexpat1-dev \
      libglib2.0-dev libheif-dev libjpeg62-turbo-dev liblcms2-dev libpng-dev libwebp-dev
WORKDIR /vips
RUN apt-get source vips && cd vips-*/ \
 && printf 'deb/debian vips %s LGPL-2.1-or-later\n' "$(dpkg-parsechangelog -S Version)" > /vips/sources \
 && meson setup build --prefix=/usr/local --libdir=lib --buildtype=release --strip -Dauto_features=disabled \
      -Ddeprecated=false -Dexamples=false -Dcplusplus=false -Dintrospection=false -Dmodules=disabled \
      -Djpeg=enabled -Dpng=enabled -Dwebp=enabled -Dlcms=enabled -Dexif=enabled -Dheif=enabled \
      -Dnsgif=true -Dppm=true -Danalyze=false -Dradiance=false \
 && meson install -C build \
 && rm -rf /vips/vips-*

FROM vips AS build
RUN apt-get install -y --no-install-recommends libpq-dev libhiredis-dev libncurses-dev libcurl4-openssl-dev \
      libssl-dev libsodium-dev libsqlite3-dev libchafa-dev libqrencode-dev libxlsxwriter-dev zlib1g-dev
WORKDIR /kittyCash
# Packages first: they change less often than the sources.
COPY Package.swift ./
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
COPY docs docs
RUN for product in kittycash-server kittycash-photo; do \
      swift build -c release --static-swift-stdlib -Xlinker -L/usr/local/lib --product $product || exit 1; \
      strip -o /usr/local/bin/$product .build/release/$product; \
    done
# What the programs are built from, for scripts/sbom, and the licences, which must go with them.
RUN set -e; parts=/usr/share/kittycash/parts; mkdir -p $parts/licences; cp Package.resolved $parts; \
    swift --version 2>&1 \
      | sed -n '0,/Swift version/s/.*Swift version \([0-9.]*\).*/generic swift \1 Apache-2.0 WITH Swift-exception/p' \
      | cat /vips/sources - > $parts/sources; \
    for package in .build/checkouts/*; do \
      licence=$parts/licences/$(basename $package); \
      cat $package/LICENSE* $package/NOTICE* > $licence 2>/dev/null || test -s $licence \
        || { echo "$package has no licence." >&2; exit 1; }; \
    done

FROM ${DEBIAN_IMAGE} AS runtime
# The environment: docker-compose.yml passes DEPLOY, the name of a file in etc/cloudwatch.
ARG DEPLOY=test-docker
# 1 installs vim, procps, net-tools and ping.
ARG DEBUG_TOOLS=0
ENV DEBIAN_FRONTEND=noninteractive
COPY etc /etc/kittycash
RUN test -f "/etc/kittycash/cloudwatch/$DEPLOY.json" \
 || { echo "There is no environment \"$DEPLOY\". Known: $(ls /etc/kittycash/cloudwatch | sed 's/[.]json$//' | xargs)." >&2; exit 1; }
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tzdata libpq5 libhiredis0.14 libcurl4 libsodium23 \
      libsqlite3-0 libglib2.0-0 libexif12 libexpat1 libheif1 libjpeg62-turbo liblcms2-2 libpng16-16 libwebp7 \
      libwebpdemux2 libwebpmux3 libxlsxwriter4 \
 && if [ "$DEBUG_TOOLS" = 1 ]; then apt-get install -y --no-install-recommends vim procps net-tools iputils-ping; fi \
 && find /usr/share/doc -type f ! -name copyright -delete \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /usr/share/man /usr/share/bash-completion \
      /usr/share/info /usr/share/locale /usr/share/lintian /usr/share/perl /usr/share/perl5 /usr/share/zoneinfo/right \
      /usr/lib/*-linux-gnu/gconv /var/log/*.log /var/log/apt \
 && groupadd --gid 10001 kitty && useradd --uid 10001 --gid kitty --no-create-home --home-dir /data --shell /usr/sbin/nologin kitty \
 && install -d -o kitty -g kitty -m 0750 /data /var/log/kittycash
COPY --from=vips /usr/local/lib/libvips.so.42* /usr/local/lib/
COPY --from=build /usr/local/bin/kittycash-server /usr/local/bin/kittycash-photo /usr/local/bin/
COPY --from=build /usr/share/kittycash /usr/share/kittycash
COPY LICENSE /usr/share/kittycash/
# A missing library ends the build here.
RUN ldconfig && kittycash-server --version && ! ldd /usr/local/bin/kittycash-photo | grep 'not found'

# The image `ssh`: sshd, the ssh gateway and the client (docs/ssh.md).
FROM build AS client
RUN swift build -c release --static-swift-stdlib -Xlinker -L/usr/local/lib --product kittycash \
 && strip -o /usr/local/bin/kittycash .build/release/kittycash

FROM ${DEBIAN_IMAGE} AS ssh-runtime
ARG DEBUG_TOOLS=0
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update \
 && apt-get install -y --no-install-recommends openssh-server ca-certificates tzdata ncurses-term libpq5 libhiredis0.14 libcurl4 \
      libsodium23 libsqlite3-0 libncursesw6 libchafa0 libqrencode4 libxlsxwriter4 \
 && if [ "$DEBUG_TOOLS" = 1 ]; then apt-get install -y --no-install-recommends vim procps net-tools iputils-ping; fi \
 && find /usr/share/doc -type f ! -name copyright -delete \
 && rm -rf /etc/ssh/ssh_host_* /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /usr/share/man /usr/share/locale \
      /var/log/*.log /var/log/apt \
 && groupadd --gid 10001 kitty \
 && useradd --uid 10001 --gid kitty --no-create-home --home-dir /run/kittycash-ssh --shell /bin/sh --password '*' kitty \
 && install -d -o kitty -g kitty -m 0700 /keys /run/kittycash-ssh
COPY etc/sshd /etc/kittycash/sshd
COPY ssh/start ssh/health /usr/local/bin/
COPY --from=build /usr/local/bin/kittycash-server /usr/local/bin/
COPY --from=client /usr/local/bin/kittycash /usr/local/bin/
COPY --from=build /usr/share/kittycash /usr/share/kittycash
COPY LICENSE /usr/share/kittycash/
RUN kittycash-server --version && kittycash --version

FROM scratch AS ssh
COPY --from=ssh-runtime / /
ENV TZ=UTC
WORKDIR /run/kittycash-ssh
USER kitty
VOLUME /keys
EXPOSE 2222
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["health"]
ENTRYPOINT ["start"]

# One layer with the remaining files only.
FROM scratch
COPY --from=runtime / /
ARG DEPLOY=test-docker
# All addresses: only containers of the same network can reach it.
ENV ENVIRONMENT=$DEPLOY HOST=0.0.0.0 PORT=8080 DATA_DIR=/data TZ=UTC
WORKDIR /data
USER kitty
VOLUME /data
EXPOSE 8080
# A server that updates the schema of a large database is starting, not unhealthy.
HEALTHCHECK --interval=3s --timeout=4s --start-period=15m --retries=5 CMD ["kittycash-server", "health"]
ENTRYPOINT ["kittycash-server"]
CMD ["serve"]
