import CEmbeddedFiles

/// The contract of the API, `docs/openapi.yaml`, inside of the program: it needs no file beside it.
package enum OpenAPIDocument {
  /// YAML, in UTF-8.
  package static let yaml = Array(
    UnsafeBufferPointer(start: kitty_openapi(), count: kitty_openapi_count()))
}
