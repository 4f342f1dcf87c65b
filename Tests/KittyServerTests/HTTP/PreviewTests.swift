import KittyShared
import Testing

@testable import KittyServer

/// Previews of entries.
@Suite struct PreviewTests {
  /// A preview in a currency in which no account has a balance yet has a name for each of them, and needs no statement
  /// for each.
  @Test(arguments: Backend.available) func previewReadsTheGroupOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let reads = server.dependencies.metrics.database.reads.statements
      var statements: [Int] = []
      for count in [3, 48] {
        let guests = (1...count).map { "Guest \($0)" }
        let (group, _) = try await server.makeGroup(token, guests: guests)
        let before = reads.value
        let answer = try await server.send(
          "POST", "/v1/groups/\(group.id)/expenses?dryRun=true", token: token,
          json: #"{"description": "Taxi", "amount": "98", "currency": "USD", "payer": "\#(group.me)"}"#)
        #expect(answer.status == 200, "\(answer.text)")
        statements.append(reads.value - before)
        let balances = try answer.decode(EntryPreview.self).balances.filter { $0.currency.code == "USD" }
        #expect(Set(balances.map(\.name)) == Set(guests + ["anna"]))
        #expect(balances.map(\.net).reduce(0, +) == 0)
      }
      // The worker reads meanwhile, too.
      #expect(statements[1] < statements[0] + 20, "\(statements)")
    }
  }
}
