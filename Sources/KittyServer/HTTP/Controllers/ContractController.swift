import OpenAPIDocument
import Hummingbird
import KittyShared
import Sodium

/// The HTTP face of the contract itself.
struct ContractController: Sendable {
  private static let tag = "\"\(hex(SHA256.hash(OpenAPIDocument.yaml)))\""

  func register(on routes: inout Routes) {
    routes.on(Endpoints.contract) { call in
      // It changes with the program, so whoever has it asks whether it is still that one.
      var headers: HTTPFields = [.eTag: Self.tag, .cacheControl: "no-cache"]
      if call.request.headers[.ifNoneMatch]?.contains(Self.tag) == true {
        return Response(status: .notModified, headers: headers)
      }
      headers[.contentType] = "application/yaml"
      return Response(
        status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: OpenAPIDocument.yaml)))
    }
  }
}
