// swift-tools-version: 6.2
import PackageDescription

// Memory safety is checked in every target except the wrappers (Postgres, Redis, Curl, Sodium, OpenSSL, Vips, Chafa,
// QREncode, POSIX, SQLite, XLSXWriter, Zlib, OpenAPIDocument, CommonPasswords): they are the only place for unsafe code.
let safe: [SwiftSetting] = [.strictMemorySafety()]

// The release exports no symbols and packs its relocations: an idle server needs five megabytes less memory.
let lean: [LinkerSetting] = [
  .unsafeFlags(
    ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--no-export-dynamic"],
    .when(configuration: .release))
]

let package = Package(
  name: "KittyCash",
  products: [
    .executable(name: "kittycash-server", targets: ["KittyServer"]),
    .executable(name: "kittycash-photo", targets: ["KittyPhotoConverter"]),
    .executable(name: "kittycash", targets: ["KittyTUI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.11.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
  ],
  targets: [
    .target(name: "KittyShared", swiftSettings: safe),
    .executableTarget(
      name: "KittyServer",
      dependencies: [
        "CommonPasswords", "OpenAPIDocument", "KittyShared", "Curl", "OpenSSL", "POSIX", "Postgres", "Redis",
        "SQLite", "Sodium", "XLSXWriter", "Zlib",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "_NIOFileSystem", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: safe, linkerSettings: lean),
    // Decodes uploaded pictures in a process separate from the server.
    .executableTarget(
      name: "KittyPhotoConverter",
      dependencies: [
        "KittyShared", "POSIX", "Vips",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: safe),
    .executableTarget(
      name: "KittyTUI",
      dependencies: [
        "KittyShared", "Curl", "CNcurses", "Chafa", "POSIX", "QREncode", "Zlib",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: safe),

    // The program that `make bench` compares the server with.
    .executableTarget(
      name: "Reference",
      dependencies: ["KittyShared", .product(name: "Hummingbird", package: "hummingbird")],
      path: "Benchmarks/Reference"),

    // Thin Swift wrappers over C libraries. They know nothing of KittyCash.
    .target(
      name: "Postgres",
      dependencies: ["CPostgres", .product(name: "DequeModule", package: "swift-collections")]),
    .target(name: "Redis", dependencies: ["CHiredis", "OpenSSL", "POSIX"]),
    .target(name: "Curl", dependencies: ["CCurl", "POSIX"]),
    .target(name: "Sodium", dependencies: ["CSodium"]),
    .target(name: "OpenSSL", dependencies: ["COpenSSL"]),
    .target(name: "Vips", dependencies: ["CVips"]),
    .target(name: "Chafa", dependencies: ["CChafa"]),
    .target(name: "QREncode", dependencies: ["CQREncode"]),
    .target(name: "Zlib", dependencies: ["CZlib"]),
    .target(name: "XLSXWriter", dependencies: ["CXLSXWriter"]),
    .target(name: "POSIX", dependencies: [.product(name: "SystemPackage", package: "swift-system")]),
    .target(
      name: "SQLite",
      dependencies: [
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    // docs/openapi.yaml and the list of common passwords, as bytes in the program.
    .target(name: "OpenAPIDocument", dependencies: ["CEmbeddedFiles"]),
    .target(
      name: "CommonPasswords", dependencies: ["CEmbeddedFiles"],
      exclude: ["README.md", "common-passwords.txt"]),
    .target(name: "CEmbeddedFiles"),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CChafa", pkgConfig: "chafa", providers: [.apt(["libchafa-dev"])]),
    .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CXLSXWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
    .systemLibrary(name: "CGLib", pkgConfig: "glib-2.0", providers: [.apt(["libglib2.0-dev"])]),
    .target(
      name: "CVips", dependencies: ["CGLib"],
      linkerSettings: [.linkedLibrary("vips"), .linkedLibrary("gobject-2.0"), .linkedLibrary("glib-2.0")]),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "CNcurses", linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),

    .target(name: "TestSupport", dependencies: ["KittyShared"], path: "Tests/TestSupport"),
    .testTarget(
      name: "KittySharedTests",
      dependencies: [
        "OpenAPIDocument", "KittyShared", "TestSupport", .product(name: "Yams", package: "Yams"),
      ]),
    .testTarget(
      name: "KittyServerTests",
      dependencies: [
        "CommonPasswords", "OpenAPIDocument", "KittyServer", "KittyShared", "TestSupport", "OpenSSL",
        "POSIX", "Postgres", "Redis", "Curl", "Sodium", "Vips", "XLSXWriter", "Zlib",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ], exclude: ["Goldens"]),
    .testTarget(
      name: "KittyTUITests", dependencies: ["KittyTUI", "KittyShared", "TestSupport"], exclude: ["Goldens"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "KittyShared", "TestSupport", .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      exclude: ["Pictures"]),
  ]
)
