// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that `make lint` builds it in seconds, without the program and its dependencies.
let package = Package(
  name: "TidyTests",
  targets: [.testTarget(name: "TidyTests", path: ".", exclude: ["Package.swift"])]
)
