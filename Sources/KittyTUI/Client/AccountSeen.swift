import KittyShared

/// The sequences that the user has seen, with the account on the server.
actor AccountSeen: SeenStore {
  private let api: APIClient
  /// `nil` until they were read.
  private var known: [ID: Int64]?
  private var written: [ID: Int64] = [:]
  private var isWriting = false

  private static let name = "seen"

  init(api: APIClient) { self.api = api }

  func read() async -> [ID: Int64] {
    if known == nil { await load() }
    return known ?? [:]
  }

  func note(_ sequences: [ID: Int64]) async {
    if known == nil { await load() }
    // Without an answer of the server nothing is written: it would replace what is there.
    guard let before = known else { return }
    known = before.merging(sequences, uniquingKeysWith: max)
    await write()
  }

  /// Reads the file, and merges what another session has noted.
  /// - Returns: `false` without an answer.
  @discardableResult private func load() async -> Bool {
    var read: [ID: Int64] = [:]
    do {
      let file: AccountFile = try await api.call(Endpoints.accountFile, [Self.name])
      read = SeenFile.sequences(Array((file.content ?? "").utf8))
    } catch {
      guard case .problem(let problem) = error, problem.status == 404 else { return false }
    }
    written = read
    known = (known ?? [:]).merging(read, uniquingKeysWith: max)
    return true
  }

  /// Writes what is not written yet: one request at a time, so that the latest is the last.
  private func write() async {
    guard !isWriting else { return }
    isWriting = true
    defer { isWriting = false }
    while let latest = known, latest != written {
      guard await load(), let all = known, let bytes = try? SeenFile.bytes(of: all) else { return }
      let file = NewAccountFile(content: String(decoding: bytes, as: UTF8.self))
      // What cannot be written is new once more at the next start.
      guard let _: AccountFile = try? await api.call(Endpoints.writeAccountFile, [Self.name], body: file)
      else { return }
      written = all
    }
  }
}
