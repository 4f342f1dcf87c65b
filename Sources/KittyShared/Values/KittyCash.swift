/// The release that both programs belong to.
package enum KittyCash {
  /// The version of the programs and of the contract, docs/openapi.yaml. build_and_push.py reads it here.
  package static let version = "0.2.0"
}
