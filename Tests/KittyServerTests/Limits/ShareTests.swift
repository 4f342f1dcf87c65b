import Testing

@testable import KittyServer

/// Shares and turns of users.
@Suite struct ShareTests {
  @Test func oneUserTakesOnlyItsPart() throws {
    let share = FairShare<String>(limit: 5, each: 2)
    for user in ["a", "a", "b", "b"] { try share.take(for: user) }
    #expect(throws: FairShare<String>.Refusal.ownPart) { try share.take(for: "a") }
    try share.take(for: "c")
    #expect(throws: FairShare<String>.Refusal.whole) { try share.take(for: "d") }
    share.giveBack(of: "a")
    try share.take(for: "d")
    #expect(share.taken == 5 && share.refused.value == 2)
  }

  @Test func holdIsGivenBackWithItsLastReference() throws {
    let share = FairShare<String>(limit: 5, each: 1)
    var hold: FairShare<String>.Hold? = try share.hold(for: "a")
    #expect(share.taken == 1 && hold != nil)
    #expect(throws: FairShare<String>.Refusal.ownPart) { try share.hold(for: "a") }
    hold = nil
    #expect(share.taken == 0)
  }

  @Test func tasksOfAKeyTakeTurnsInTheirOrder() async throws {
    let turns = Turns<String>(each: 1, waiting: 8, patience: .seconds(60))
    let gate = Gate()
    let order = Log()
    let first = Task { try await turns.run(for: "a") { await gate.wait() } }
    try await until { turns.count(of: "a") == 1 }
    var others: [Task<Void, any Error>] = []
    for number in 0..<8 {
      others.append(Task { try await turns.run(for: "a") { await order.add(number) } })
      try await until { turns.count(of: "a") == number + 2 }
    }
    await #expect(throws: NoTurn.self) { try await turns.run(for: "a") {} }
    // Another key does not wait.
    try await turns.run(for: "b") {}
    gate.open()
    try await first.value
    for other in others { try await other.value }
    #expect(await order.numbers == Array(0..<8))
    #expect(turns.count(of: "a") == 0 && turns.refused.value == 1)
  }

  @Test func waitEndsAfterItsTimeOrACancellation() async throws {
    let turns = Turns<String>(each: 1, waiting: 8, patience: .milliseconds(100))
    let gate = Gate()
    let first = Task { try await turns.run(for: "a") { await gate.wait() } }
    try await until { turns.count(of: "a") == 1 }
    await #expect(throws: NoTurn.self) { try await turns.run(for: "a") {} }
    let cancelled = Task { try await turns.run(for: "a") {} }
    try await until { turns.count(of: "a") == 2 }
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    #expect(turns.count(of: "a") == 1)
    gate.open()
    try await first.value
    try await turns.run(for: "a") {}
  }

  private actor Log {
    var numbers: [Int] = []
    func add(_ number: Int) { numbers.append(number) }
  }
}
