import Hummingbird
import KittyShared
import OpenAPIDocument
import Sodium

/// The route of the contract itself.
struct ContractController: Sendable {
  private static let tag = "\"\(hex(SHA256.hash(OpenAPIDocument.yaml)))\""

  func register(on routes: inout Routes) {
    routes.on(Endpoints.contract) { call in
      // The contract changes with the program, so a client that has it must ask for the current one.
      var headers: HTTPFields = [.eTag: Self.tag, .cacheControl: "no-cache"]
      if call.request.hasCopy(of: Self.tag) {
        return Response(status: .notModified, headers: headers)
      }
      headers[.contentType] = "application/yaml"
      return Response(
        status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: OpenAPIDocument.yaml)))
    }
  }
}
