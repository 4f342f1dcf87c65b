import ArgumentParser
import KittyShared

extension SettlementPlan.Rule: ExpressibleByArgument {}

/// The options of settling rounds.
extension SettleCommand {
  func reportRound(
    _ connection: Connection, _ group: ID, _ people: People
  ) async throws(CommandFailure) -> Report {
    if beginRound {
      let request = NewSettlingRound(
        keep: keepKitty ? "kitty" : nil, by: keepKitty ? (by ?? .equal).rawValue : nil)
      do throws(CommandFailure) {
        let begun: SettlingRound = try await connection.ask { (api) throws(ClientFailure) in
          try await api.create(Endpoints.createRound, [group], request)
        }
        return try report(begun, people)
      } catch let error where error.code == "round_under_way" {
        throw error.saying(
          "A settling round is being carried out: --round shows it. Book its payments with --book, or end it with --end-round."
        )
      }
    }
    let page: Page<SettlingRound> = try await connection.ask { (api) throws(ClientFailure) in
      try await api.call(Endpoints.rounds, [group], query: [("limit", "1")])
    }
    guard let latest = page.items.first else {
      throw CommandFailure(.failed, "There is no settling round. --begin-round begins one.")
    }
    try await bookPayments(of: latest, connection, group)
    if endRound {
      try await connection.ask { (api) throws(ClientFailure) in
        try await api.call(Endpoints.endRound, [group, latest.id])
      }
    }
    guard endRound || !book.isEmpty else { return try report(latest, people) }
    let now: SettlingRound = try await connection.ask { (api) throws(ClientFailure) in
      try await api.call(Endpoints.round, [group, latest.id])
    }
    return try report(now, people)
  }

  /// Returns the table of the parts of a kept kitty, if there are any.
  static func kept(_ parts: [SettlementPlan.KeptPart]?, _ people: People) -> [Table] {
    guard let parts, !parts.isEmpty else { return [] }
    return [
      Table(
        columns: [.init("Keeps in the kitty"), .init("Amount", isNumber: true)],
        rows: parts.map {
          [.init(people.name(.member($0.member))), .init("\(Amount($0.amount, $0.currency))")]
        })
    ]
  }

  private func bookPayments(
    of round: SettlingRound, _ connection: Connection, _ group: ID
  ) async throws(CommandFailure) {
    if let unknown = book.first(where: { number in !round.payments.contains { $0.number == number } }) {
      let most = round.payments.map(\.number).max() ?? 0
      throw CommandFailure(
        .notFound,
        "The settling round has no payment \(unknown): they are numbered from 1 to \(most). Nothing was booked."
      )
    }
    var booked: [String] = []
    for number in book {
      do throws(CommandFailure) {
        let _: RoundPayment = try await connection.ask { (api) throws(ClientFailure) in
          try await api.call(Endpoints.bookPayment, [group, round.id, number])
        }
      } catch {
        guard let last = booked.last else { throw error }
        let words = booked.count == 1 ? "Payment \(last) was" : "Payments \(booked.listed("and")) were"
        throw error.saying("\(error.message) \(words) booked before that.")
      }
      booked.append("\(number)")
    }
  }

  private func report(_ round: SettlingRound, _ people: People) throws(CommandFailure) -> Report {
    let bytes: [UInt8]
    do { bytes = try JSON.bytes(of: round) } catch {
      throw CommandFailure(.failed, "The answer cannot be written: \(error)")
    }
    let open = round.payments.count { $0.state == .open }
    let note: SafeText
    if round.endedAt != nil {
      note = "The round has ended."
    } else if round.outdated {
      note = "The books changed since: the \(open) open payments do not settle everything any more."
    } else {
      note = open == 0 ? "Everything is paid." : "\(open) of \(round.payments.count) payments are open."
    }
    return Report(
      json: bytes,
      tables: [
        Table(
          columns: [
            .init("", isNumber: true), .init("State"), .init("From"), .init("To"),
            .init("Amount", isNumber: true),
          ],
          rows: round.payments.map {
            [
              .init("\($0.number)"), .init(SafeText($0.state.rawValue)), .init(people.name($0.from)),
              .init(people.name($0.to)), .init("\(Amount($0.amount, $0.currency))"),
            ]
          })
      ] + Self.kept(round.keeps, people),
      fields: round.payments.map {
        [
          "\($0.number)", SafeText($0.state.rawValue), people.name($0.from), people.name($0.to),
          "\(Amount($0.amount, $0.currency).decimal)", "\($0.currency)", "\($0.from)", "\($0.to)",
          SafeText(($0.epc ?? "").replacing("\n", with: "\\n")),
        ]
      },
      note: note)
  }
}
