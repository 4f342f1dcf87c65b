import KittyShared

/// The calls of settling rounds.
extension EffectCall {
  static func loadRound(_ group: ID) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let page: Page<SettlingRound> = try await runner.api.call(
        Endpoints.rounds, [group], query: [("limit", "1")])
      return .round(group: group, page.items.first)
    }
  }

  static func beginRound(_ group: ID, _ round: NewSettlingRound) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let begun: SettlingRound = try await runner.api.create(Endpoints.createRound, [group], round)
      return .round(group: group, begun)
    }
  }

  /// Books payments one after the other. A repeated one is booked once.
  static func bookPayments(_ group: ID, _ round: ID, _ numbers: [Int]) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      for number in numbers {
        let _: RoundPayment = try await runner.api.call(
          Endpoints.bookPayment, [group, round, number])
      }
      return .roundChanged(group: group)
    }
  }

  static func endRound(_ group: ID, _ round: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.call(Endpoints.endRound, [group, round])
      return .roundChanged(group: group)
    }
  }
}
