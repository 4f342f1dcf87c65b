import FoundationEssentials
import Hummingbird
import KittyShared

/// The HTTP face of whole groups as files.
struct GroupFileController: Sendable {
  let imports: GroupImportStore
  let groups: GroupStore

  private enum Format: String, CaseIterable {
    case json, csv, hledger, beancount
  }

  func register(on routes: inout Routes) {
    routes.on(Endpoints.export, export)
    routes.change(
      Endpoints.importGroup,
      { input, call in
        try await imports.take(input, into: call.member.group, user: call.user)
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
    guard let format = Format(rawValue: call.query["format"] ?? "json") else {
      let known = Format.allCases.map(\.rawValue).joined(separator: ", ")
      throw Rejection.invalid("format", "unknown_format", "format is one of \(known).")
    }
    let group = try call.member.group
    let head = try await imports.head(of: group)
    let (type, ending) =
      switch format {
      case .json: ("application/json", "json")
      case .csv: ("text/csv; charset=utf-8; header=present", "csv")
      case .hledger: ("text/plain; charset=utf-8", "journal")
      case .beancount: ("text/plain; charset=utf-8", "beancount")
      }
    let headers: HTTPFields = [
      .contentType: type, .cacheControl: "no-store",
      .contentDisposition: "attachment; filename=\"group-\(group).\(ending)\"",
    ]
    let writer = try await self.writer(format, head, group)
    // Entries go out as they are read: the memory that an export takes does not grow with the group.
    return Response(
      status: .ok, headers: headers,
      body: .init { output in
        try await output.write(ByteBuffer(string: writer.start))
        var after: Int64 = 0
        var isFirst = true
        while true {
          let entries = try await imports.entries(of: group, after: after)
          guard let last = entries.last else { break }
          var text = ""
          for entry in entries {
            text += try writer.entry(entry, isFirst)
            isFirst = false
          }
          try await output.write(ByteBuffer(string: text))
          after = last.number
        }
        try await output.write(ByteBuffer(string: writer.end))
        try await output.finish(nil)
      })
  }

  private struct Writer: Sendable {
    let start: String
    let entry: @Sendable (GroupFile.FileEntry, Bool) throws -> String
    let end: String
  }

  private func writer(_ format: Format, _ head: GroupFile, _ group: ID) async throws -> Writer {
    func exported(_ clean: (String) -> String) async throws -> ExportedGroup {
      let (currencies, day) = try await imports.range(of: group)
      return ExportedGroup(
        id: group, file: head, currencies: currencies, firstDay: day ?? head.createdAt.day, clean: clean)
    }
    let books: any BooksExport
    switch format {
    case .json: return try Self.json(head)
    case .csv: books = CSVTable(group: try await exported { $0 })
    case .hledger: books = HledgerJournal(group: try await exported(HledgerJournal.clean))
    case .beancount: books = BeancountFile(group: try await exported(BeancountFile.clean))
    }
    return Writer(
      start: books.head(),
      entry: { entry, _ in
        guard let last = entry.revisions.last, last.action != .deleted else { return "" }
        let postings = last.content.postings(group: group, entry: entry.id)
        return postings.isEmpty ? "" : books.entry(entry.number, last.content, postings)
      }, end: "")
  }

  /// One entry on each line, so that two exports can be compared by the tools for texts.
  private static func json(_ head: GroupFile) throws -> Writer {
    let text = try JSON.text(of: head)
    let mark = "\"entries\":["
    guard let place = text.firstRange(of: mark) else { throw DatabaseFailure.fault("no entries in the file") }
    return Writer(
      start: String(text[..<place.upperBound]) + "\n",
      entry: { entry, isFirst in
        try (isFirst ? "" : ",\n") + JSON.text(of: entry)
      }, end: "\n" + String(text[place.upperBound...]) + "\n")
  }
}
