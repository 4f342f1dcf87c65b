/// The contract of the API, `docs/openapi.yaml`, inside of the program: it needs no file beside it.
///
/// A target of its own, since a compiler takes long over so many bytes and should do so only when they change.
package enum OpenAPIDocument {
  /// YAML, in UTF-8.
  package static let yaml: [UInt8] = PackageResources.openapi_yaml
}
