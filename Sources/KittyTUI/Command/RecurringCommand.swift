import ArgumentParser
import KittyShared

/// `kittycash recurring`.
struct RecurringCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recurring",
    abstract: "List, add, change and remove the recurring entries of a group.",
    discussion:
      "A rule is named by its id, or by the beginning of its description. \"confirm\" and \"skip\" are for proposals.",
    subcommands: [
      List.self, Add.self, Pay.self, Change.self, Remove.self, Preview.self, Days.self, Confirm.self,
      Skip.self,
    ],
    defaultSubcommand: List.self)

  static let ruleHelp: ArgumentHelp = "Its id, or the beginning of its description."

  /// The options of the days of a rule.
  struct DayOptions: ParsableArguments {
    @Option(help: "The last possible day, as YYYY-MM-DD.") var until: String?
    @Option(help: "The number of entries.") var times: Int?
    @Option(
      help:
        "The time zone, such as Europe/Berlin; without it that of your account, and in a change the one of the rule."
    )
    var zone: String?

    /// Reads a day.
    static func day(_ text: String, _ name: String) throws(CommandFailure) -> Day {
      guard let day = Day(text) else {
        throw CommandFailure(.usage, "--\(name): write a valid date such as 2026-11-24.")
      }
      return day
    }
  }

  /// `kittycash recurring list`.
  struct List: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the rules of a group.",
      discussion:
        "--plain: id, next day or nothing, step, amount, currency, mode, number of proposals, reason why it waits or nothing, description."
    )

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      let answer = try await connection.ask { (api) throws(ClientFailure) in
        try await api.list(Endpoints.recurring, [id])
      }
      return RecurringCommand.report(answer.value, json: answer.bytes)
    }
  }

  /// `kittycash recurring add`.
  struct Add: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "add", abstract: "Add a rule for an expense, written as for \"kittycash add\".",
      discussion: "kittycash recurring add flat '900 rent @anna' --every month --from 2027-01-31")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Option(help: "The step: day, week, month, year, or such as \"2 weeks\".") var every: String
    @Option(help: "The first day, as YYYY-MM-DD; without it, that of the line, or today.") var from: String?
    @OptionGroup var days: DayOptions
    @Flag(help: "Propose each entry, and book it only when a member confirms it.") var propose = false
    @Option(help: "The category: its name, the beginning of it, or such as food/groceries.") var category:
      String?
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: "The expense, in quotation marks of the shell.") var line: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      let quick = try await connection.quickGroup(id, try await connection.people(in: id))
      var expense: NewExpense
      do { expense = try QuickEntry(line, in: quick).expense(id: ID(at: .now)) } catch let refusal
        as QuickEntry.Refusal
      {
        throw CommandFailure(.usage, "\(refusal.description) Nothing was saved.")
      } catch {
        throw CommandFailure(.usage, "\((error as? Rejection)?.detail ?? "\(error)") Nothing was saved.")
      }
      if let category { expense.category = try await connection.category(category, in: id).id }
      guard from == nil || QuickReading(line, in: quick).date == nil else {
        throw CommandFailure(
          .usage, "The line has a date, and so has --from: leave one of them out. Nothing was saved.")
      }
      let first = expense.date ?? quick.today
      (expense.id, expense.date) = (nil, nil)
      return try await connection.make(
        RecurringTemplate(expense: expense), every: every, from: from, orFrom: first, days, propose, in: id)
    }
  }

  /// `kittycash recurring pay`.
  struct Pay: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "pay", abstract: "Add a rule for a payment, such as dues to the kitty.",
      discussion: "kittycash recurring pay flat anna kitty 20 --every month --from 2027-01-01")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Option(help: "The step: day, week, month, year, or such as \"2 weeks\".") var every: String
    @Option(help: "The first day, as YYYY-MM-DD.") var from: String
    @OptionGroup var days: DayOptions
    @Flag(help: "Propose each entry, and book it only when a member confirms it.") var propose = false
    @Option(help: "The description.") var text: String?
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: "The member who pays, or kitty.") var payer: String
    @Argument(help: "The member who gets the money, or kitty.") var receiver: String
    @Argument(help: "The amount, such as 20 or 12.50.") var amount: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      let people = try await connection.people(in: id)
      let payment = NewPayment(
        from: try Self.account(payer, people), to: try Self.account(receiver, people),
        amount: .decimal(amount), description: text)
      return try await connection.make(
        RecurringTemplate(payment: payment), every: every, from: from, orFrom: nil, days, propose, in: id)
    }

    private static func account(_ text: String, _ people: People) throws(CommandFailure) -> LedgerAccount {
      if text.lowercased() == "kitty" { return .kitty }
      let present = people.members.filter { $0.removedAt == nil }
      switch NameMatch(text, in: present.map { ($0.name, $0.id) }) {
      case .one(let member): return .member(member)
      case .several:
        throw CommandFailure(.usage, "\"\(text)\" could be several members. Write more of the name.")
      case .none:
        throw CommandFailure(.notFound, "This group has no member whose name begins with \"\(text)\".")
      }
    }
  }

  /// `kittycash recurring change`.
  struct Change: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "change", abstract: "Change a rule from its next entry on.",
      discussion: "What is booked stays. \"--resume\" lets a rule that waits for a member try again.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Option(help: "The new step: day, week, month, year, or such as \"2 weeks\".") var every: String?
    @Option(help: "The day of the next entry, as YYYY-MM-DD.") var from: String?
    @OptionGroup var days: DayOptions
    @Flag(help: "Let it go on without an end.") var forever = false
    @Option(help: "The new amount, such as 950 or 12.50.") var amount: String?
    @Option(help: "The new description.") var text: String?
    @Flag(help: "Propose each entry from now on.") var propose = false
    @Flag(help: "Book each entry from now on.") var book = false
    @Flag(help: "Try again to make the entries of a rule that waits for a member.") var resume = false
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: RecurringCommand.ruleHelp) var rule: String

    func validate() throws {
      if propose, book { throw ValidationError("--propose and --book do not go together.") }
      if forever, days.until != nil || days.times != nil {
        throw ValidationError("--forever does not go together with --until and --times.")
      }
    }

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      let old = try await connection.rule(rule, in: id)
      var change = RecurringChange()
      if amount != nil || text != nil {
        var template = old.template
        if let amount {
          template.expense?.amount = .decimal(amount)
          template.payment?.amount = .decimal(amount)
        }
        if let text {
          template.expense?.description = text
          template.payment?.description = text
        }
        change.template = template
      }
      if let every { change.every = try Every(typed: every) }
      if let from { change.from = try DayOptions.day(from, "from") }
      if let until = days.until { change.until = .set(try DayOptions.day(until, "until")) }
      if let times = days.times { change.times = .set(Int64(times)) }
      if forever { (change.until, change.times) = (.clear, .clear) }
      change.zone = days.zone
      if propose || book { change.mode = propose ? .propose : .book }
      if resume { change.held = false }
      guard change != RecurringChange() else {
        throw CommandFailure(.usage, "Nothing is to be changed: give an option, such as --amount 950.")
      }
      let checked: RecurringChange
      do throws(Rejection) { checked = try change.checked() } catch {
        throw CommandFailure(.usage, error.errors?.first?.message ?? error.detail)
      }
      let changed: Recurring = try await connection.ask { (api) throws(ClientFailure) in
        try await api.call(
          Endpoints.changeRecurring, [id, old.id], body: checked, ifMatch: old.version)
      }
      return try RecurringCommand.report(changed, "Changed.")
    }
  }

  /// `kittycash recurring remove`.
  struct Remove: ScriptCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "Remove a rule. What it booked stays.")

    @OptionGroup var serverOption: ServerOption
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: RecurringCommand.ruleHelp) var rule: String

    func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
      let connection = try Connection(serverOption, environment).signedIn()
      let id = try await connection.group(group)
      let found = try await connection.rule(rule, in: id)
      try await connection.ask { (api) throws(ClientFailure) in
        try await api.call(Endpoints.removeRecurring, [id, found.id])
      }
      environment.printMessage("Removed \(found.name).")
    }
  }

  static func report(_ rules: [Recurring], json: [UInt8]) -> Report {
    var report = Report(json: json)
    // Rules of one description are told apart by their ids alone.
    let hasIDs = Set(rules.map(\.name.string.folded)).count < rules.count
    report.tables = [
      Table(
        columns: [.init("What for"), .init("Amount"), .init("Every"), .init("Next"), .init("")]
          + (hasIDs ? [.init("Id")] : []),
        rows: rules.map { rule in
          [
            .init(rule.name), .init(rule.amount.map { "\($0)" } ?? ""), .init(SafeText(rule.every.text)),
            .init(rule.next.map { "\($0.date)" } ?? "ended"), .init(rule.stateReason),
          ] + (hasIDs ? [.init("\(rule.id)")] : [])
        })
    ]
    report.fields = rules.map(fields)
    if rules.isEmpty {
      report.note =
        "This group has no recurring entries. Add one: kittycash recurring add GROUP '900 rent' --every month"
    }
    return report
  }

  private static func fields(_ rule: Recurring) -> [SafeText] {
    [
      "\(rule.id)", rule.next.map { "\($0.date)" } ?? "",
      SafeText("\(rule.every.n) \(rule.every.unit.rawValue)"),
      rule.plainAmount, rule.template.currency.map { "\($0)" } ?? "", "\(rule.mode.rawValue)",
      "\(rule.proposed)", SafeText(rule.held?.code ?? ""), rule.name,
    ]
  }

  static func report(_ rule: Recurring, _ note: SafeText) throws(CommandFailure) -> Report {
    var report = try empty(rule)
    report.fields = [fields(rule)]
    report.note = note
    return report
  }

  static func empty(_ value: some Encodable) throws(CommandFailure) -> Report {
    do { return Report(json: try JSON.bytes(of: value)) } catch {
      throw CommandFailure(.failed, "The answer cannot be written: \(error)")
    }
  }
}
