import ArgumentParser
import KittyShared

/// `kittycash settle`.
struct SettleCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle", abstract: "Show the payments that settle a group, or record a payment.",
    discussion: """
      kittycash settle flat
      kittycash settle flat --pay bob anna 20
      kittycash settle flat --keep-kitty --by weights
      kittycash settle flat --begin-round
      kittycash settle flat --book 1 2

      --plain for the plan: from, to, amount, currency, id of from, id of to. For a payment: as for "add". For a round: number, state, from, to, amount, currency, id of from, id of to, text of the QR code.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Record a payment: payer, recipient, amount. Names are written as in \"add\", also me and kitty.",
      valueName: "from to amount"))
  var pay: [String] = []
  @Flag(help: "With --pay: print the payment and save nothing.")
  var dryRun = false
  @Flag(help: "Keep the kitty: no payment goes into or out of it.")
  var keepKitty = false
  @Option(help: "With --keep-kitty: the rule that divides it: equal, weights or contributed.")
  var by: SettlementPlan.Rule?
  @Flag(help: "Show the latest settling round.")
  var round = false
  @Flag(help: "Begin a settling round: keep the payments of now as a list.")
  var beginRound = false
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Book payments of the settling round as paid.", valueName: "number"))
  var book: [Int] = []
  @Flag(help: "End the settling round: its open payments are void.")
  var endRound = false
  @OptionGroup var repetition: KeyOption
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String

  func validate() throws {
    if !pay.isEmpty && pay.count != 3 {
      throw ValidationError(
        "--pay needs three values: payer, recipient and amount, such as --pay bob anna 20.")
    }
    if pay.isEmpty && (dryRun || repetition.key != nil) {
      throw ValidationError("--dry-run and --key need --pay.")
    }
    try validateRound()
  }

  private func validateRound() throws {
    if by != nil && !keepKitty { throw ValidationError("--by needs --keep-kitty.") }
    let wishes = [!pay.isEmpty, round, beginRound, !book.isEmpty, endRound]
    if wishes.count(where: { $0 }) > 1 {
      throw ValidationError("Give one of --pay, --round, --begin-round, --book and --end-round.")
    }
    if keepKitty && wishes.contains(true) && !beginRound {
      throw ValidationError("--keep-kitty is for the plan and for --begin-round.")
    }
  }

  func report(_ connection: Connection) async throws(CommandFailure) -> Report {
    let id = try await connection.group(group)
    let people = try await connection.people(in: id)
    if round || beginRound || !book.isEmpty || endRound {
      return try await reportRound(connection, id, people)
    }
    return pay.count == 3 ? try await record(connection, id, people) : try await plan(connection, id, people)
  }

  private func plan(
    _ connection: Connection, _ group: ID, _ people: People
  ) async throws(CommandFailure) -> Report {
    let answer = try await connection.ask { (api) throws(ClientFailure) in
      try await api.answer(
        Endpoints.settlement, [group],
        query: keepKitty ? [("keep", "kitty"), ("by", (by ?? .equal).rawValue)] : [])
    }
    let payments = answer.value.payments
    return Report(
      json: answer.bytes,
      tables: [
        Table(
          columns: [.init("From"), .init("To"), .init("Amount", isNumber: true)],
          rows: payments.map {
            [
              .init(people.name($0.from)), .init(people.name($0.to)),
              .init("\(Amount($0.amount, $0.currency))"),
            ]
          })
      ] + Self.kept(answer.value.keeps, people),
      fields: payments.map {
        [
          people.name($0.from), people.name($0.to), "\(Amount($0.amount, $0.currency).decimal)",
          "\($0.currency)", "\($0.from)", "\($0.to)",
        ]
      },
      note: payments.isEmpty
        ? answer.value.keeps == nil ? "Everything is settled." : "There is nothing to pay." : nil)
  }

  private func record(
    _ connection: Connection, _ group: ID, _ people: People
  ) async throws(CommandFailure) -> Report {
    let quick = try await connection.quickGroup(group, people)
    let payment: NewPayment
    do {
      let amount = try QuickAmount.amount(pay[2], currency: quick.currency)
      payment = try NewPayment(
        id: repetition.id, from: try quick.account(QuickName(pay[0])),
        to: try quick.account(QuickName(pay[1])),
        amount: .minorUnits(amount.minorUnits), currency: amount.currency, date: quick.today
      ).checked()
    } catch let refusal as QuickEntry.Refusal {
      throw CommandFailure(.usage, "\(refusal.description) Nothing was saved.")
    } catch {
      throw CommandFailure(.usage, "\((error as? Rejection)?.detail ?? "\(error)") Nothing was saved.")
    }
    let answer = try await connection.ask(key: dryRun ? nil : payment.id) { (api) throws(ClientFailure) in
      try await api.enter(Endpoints.createPayment, [group], payment, isDry: dryRun)
    }
    return EntryRows(people: people).report(answer)
  }
}
