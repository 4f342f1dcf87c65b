import KittyShared

/// The sequences that the user has seen, with the account on the server.
actor AccountSeen: SeenStore {
  private let api: APIClient
  private var known: [ID: Int64]?

  private static let name = "seen"

  init(api: APIClient) { self.api = api }

  func read() async -> [ID: Int64] {
    if let known { return known }
    var read: [ID: Int64] = [:]
    do {
      let file: AccountFile = try await api.call(Endpoints.accountFile, [Self.name])
      read = SeenFile.sequences(Array((file.content ?? "").utf8))
    } catch {
      // Read again the next time, unless there is none.
      guard case .problem(let problem) = error, problem.status == 404 else { return [:] }
    }
    // Another call may have come first.
    let all = (known ?? [:]).merging(read, uniquingKeysWith: max)
    known = all
    return all
  }

  func note(_ sequences: [ID: Int64]) async {
    let before = await read()
    let all = before.merging(sequences, uniquingKeysWith: max)
    guard all != before, let bytes = try? SeenFile.bytes(of: all) else { return }
    known = all
    // What cannot be written is new once more at the next start.
    let file = NewAccountFile(content: String(decoding: bytes, as: UTF8.self))
    let _: AccountFile? = try? await api.call(Endpoints.writeAccountFile, [Self.name], body: file)
  }
}
