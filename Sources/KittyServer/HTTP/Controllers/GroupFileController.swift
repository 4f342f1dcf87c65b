import Hummingbird
import KittyShared
import XLSXWriter

/// The HTTP face of whole groups as files: export and import.
struct GroupFileController: Sendable {
  let exports: GroupExport
  let imports: GroupImport
  let groups: GroupStore
  let files: RequestFiles
  let computations: Computations
  /// The exports that are being sent.
  let downloads: FairShare<Consumer>

  func register(on routes: inout Routes) {
    routes.on(Endpoints.export, export)
    routes.change(
      Endpoints.importGroup, in: files, advice: GroupFileDocument.advice,
      { document, call in
        let (group, owner) = (try call.member.group, try call.user)
        let renamed = try await computations.runImport(for: call) {
          try await imports.run(
            try await GroupFileDocument(document), into: group, owner: owner, at: call.now, call.write)
        }
        return try await self.group(call, renamed: renamed)
      }, find: { try await group($0, renamed: []) })
  }

  private func group(
    _ call: Call, renamed: [ImportedGroup.RenamedMember]
  ) async throws -> Reply<ImportedGroup> {
    guard let group = try await groups.find(call.member.group, for: call.user) else {
      throw Rejection.notFound("group")
    }
    return Reply(ImportedGroup(group: group, renamed: renamed)).withETag(group.version)
  }

  private func export(_ call: Call) async throws -> Response {
    guard let format = GroupExport.Format(rawValue: call.query["format"] ?? "json") else {
      let formats = GroupExport.Format.allCases.map(\.rawValue).joined(separator: ", ")
      throw Rejection.invalid("format", "unknown_format", "format must be one of \(formats).")
    }
    let group = try call.member.group
    let marks = try Self.marks(call, format)
    let headers: HTTPFields = [
      .contentType: format.mediaType, .cacheControl: "no-store",
      .contentDisposition: "attachment; filename=\"group-\(group).\(format.fileExtension)\"",
    ]
    let hold = try downloads.hold(forDownloadOf: call)
    let export = try await computations.run(for: call) {
      try await exports.begin(format, of: group, marks: marks)
    }
    switch export.form {
    case .text(let books):
      return Response(
        status: .ok, headers: headers,
        body: computations.body(for: call, holding: hold, from: GroupExport.Place()) { start in
          let (text, next) = try await exports.next(of: export, as: books, start)
          return (text, next.isEnd ? nil : next)
        })
    case .workbook(let table):
      return try await workbook(of: export, table, headers, holding: hold, call)
    }
  }

  /// Returns a workbook. It is a file before its first byte is sent, since its parts are compressed together.
  private func workbook(
    of export: GroupExport.Begun, _ table: PostingsTable, _ headers: HTTPFields,
    holding hold: FairShare<Consumer>.Hold, _ call: Call
  ) async throws -> Response {
    let file = try TemporaryFile(in: files.uploads)
    do {
      let workbook = try Workbook(
        path: file.path, folder: file.folder, sheet: "Entries", PostingsTable.columns,
        created: Int(export.time.milliseconds / 1000))
      var place = GroupExport.Place()
      while !place.isEnd {
        let start = place
        place = try await computations.run(for: call) {
          try await exports.next(of: export, as: table, into: workbook, start)
        }
        // What does not fit on the disk is lost without an error of the library.
        guard await files.uploads.hasRoom(for: workbook.bytes) else { throw Self.noRoom }
      }
      try await computations.run(for: call) { try await workbook.close() }
    } catch Workbook.Failure.tooManyRows {
      throw Rejection.invalid(
        "format", "too_many",
        "A sheet of Excel has at most \(Workbook.maxRows) rows, and this group has more postings. Use csv.")
    } catch let failure as Workbook.Failure {
      call.context.logger.error("a workbook was not written", metadata: ["why": "\(failure)"])
      throw Self.noRoom
    }
    let body = try await FileIO().loadFile(path: file.path, context: call.context)
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody(contentLength: body.contentLength) { output in
        try await body.write(output)
        withExtendedLifetime((file, hold)) {}
      })
  }

  private static let noRoom = Rejection.unavailable(
    "The server cannot store the file. Try again later, or use csv.", retryAfter: 10)

  /// Returns the marks of a table. Excel reads a table as that of the language of its user: it has to be in the `Accept-Language` of
  /// a browser, or its decimal mark in the query.
  private static func marks(_ call: Call, _ format: GroupExport.Format) throws(Rejection) -> TableMarks {
    let named = call.query["decimal"]
    switch call.query["for"] {
    case nil:
      guard named == nil else {
        throw .invalid("decimal", "not_for_this_format", "decimal belongs to for=excel: send both.")
      }
      return TableMarks(decimal: .point)
    case "excel":
      guard format == .csv else {
        throw .invalid("for", "not_for_this_format", "for=excel belongs to a table: send format=csv with it.")
      }
    default: throw .invalid("for", "unknown_value", "for must be excel.")
    }
    guard let named else {
      return TableMarks(
        ofLocale: Negotiation.preferredLanguage(call.request.headers[.acceptLanguage] ?? "") ?? "")
    }
    guard let mark = DecimalMark(rawValue: named) else {
      throw .invalid("decimal", "unknown_decimal", "decimal must be point or comma.")
    }
    return TableMarks(decimal: mark)
  }
}
