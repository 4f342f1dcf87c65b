import Hummingbird
import KittyShared

/// The HTTP face of whole groups as files: export and import.
struct GroupFileController: Sendable {
  let exports: GroupExport
  let imports: GroupImport
  let groups: GroupStore
  let files: RequestFiles

  func register(on routes: inout Routes) {
    routes.on(Endpoints.export, export)
    routes.change(
      Endpoints.importGroup, in: files, advice: GroupFileDocument.advice,
      { document, call in
        try await imports.run(
          try await GroupFileDocument(document), into: call.member.group, owner: call.user, at: call.now,
          call.write)
        return try await group(call)
      }, find: group)
  }

  private func group(_ call: Call) async throws -> Reply<Group> {
    guard let group = try await groups.find(call.member.group, for: call.user) else {
      throw Rejection.notFound("group")
    }
    return Reply(group).withETag(group.version)
  }

  private func export(_ call: Call) async throws -> Response {
    guard let format = GroupExport.Format(rawValue: call.query["format"] ?? "json") else {
      let formats = GroupExport.Format.allCases.map(\.rawValue).joined(separator: ", ")
      throw Rejection.invalid("format", "unknown_format", "format must be one of \(formats).")
    }
    let group = try call.member.group
    let headers: HTTPFields = [
      .contentType: format.mediaType, .cacheControl: "no-store",
      .contentDisposition: "attachment; filename=\"group-\(group).\(format.fileExtension)\"",
    ]
    let export = try await exports.begin(format, of: group)
    return Response(
      status: .ok, headers: headers,
      body: .init { output in
        try await exports.write(export) { try await output.write(ByteBuffer(string: $0)) }
        try await output.finish(nil)
      })
  }
}
