import KittyShared
import QREncode

/// A settling round as a list to tick off. It stays the same until it is carried out, whichever member ticks and whatever is entered
/// meanwhile.
struct RoundScreen: Screen {
  private let data: GroupData
  /// The kept kitty for the next round; `nil` to pay it out.
  private let keep: SettlementPlan.Rule?
  private let centre: LedgerAccount?
  /// The latest round; `nil` when there was none.
  private(set) var round: SettlingRound?
  private(set) var isLoaded = false
  private(set) var selection = ListSelection<Int>()
  /// The id of the next round. A repeated request keeps it, so that it begins once.
  private var id: ID

  init(_ data: GroupData, id: ID, keep: SettlementPlan.Rule? = nil, centre: LedgerAccount? = nil) {
    self.data = data
    self.id = id
    self.keep = keep
    self.centre = centre
  }

  var title: SafeText { "Settling round" }
  var refresh: [Effect] { [.loadRound(data.group.id)] }
  var bindings: [Binding] {
    let isOpen = round.map { $0.endedAt == nil } ?? false
    return [
      Binding(
        [.character(" ")], "Space", "book the payment as paid; take back one that is booked", .tick,
        footer: isOpen ? "paid" : ""
      ).asking(data.group, for: .enter),
      Binding(
        [.character("A")], "A", "book all open payments as paid", .tickAll, footer: isOpen ? "all paid" : ""
      ).asking(data.group, for: .enter),
      Binding(
        [.character("b"), .enter], "b Enter", "the QR code of a bank transfer", .qrCode,
        footer: isOpen ? "bank code" : ""),
      Binding([.character("n")], "n", "begin a round with the payments of now", .beginRound, footer: "begin")
        .asking(data.group, for: .enter),
      Binding(
        [.character("E")], "E", "end the round: open payments are void", .endRound,
        footer: isOpen ? "end" : ""
      ).asking(data.group, for: .enter),
    ] + Binding.moving + Binding.leaving
  }

  private var payments: [RoundPayment] { round?.payments ?? [] }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: payments.map(\.number), page: list.page(context)) { return [] }
    let payment = selection.index(in: payments.map(\.number)).map { payments[$0] }
    switch command {
    case .tick:
      guard let round, let payment else { return [] }
      return tick(payment, of: round)
    case .tickAll:
      guard let round, round.endedAt == nil else { return [] }
      let open = payments.filter { $0.state == .open }
      guard !open.isEmpty else { return [.toast("Everything is paid.")] }
      return [
        .confirm(
          "Book \(open.count) payments as paid today?",
          [.run(.bookPayments(group: data.group.id, round: round.id, open.map(\.number)))])
      ]
    case .qrCode:
      guard let payment else { return [] }
      guard let epc = payment.epc, let code = QRCode(epc, correction: .medium) else {
        return [
          .toast(
            payment.state == .open
              ? "The group knows no IBAN of the receiver, or the amount is not in euros." : "It is not open.")
        ]
      }
      return [.push(TransferCodeScreen(payment.transfer, epc, code, data))]
    case .beginRound:
      return [
        .confirm(
          keep == nil
            ? "Begin a settling round with the payments of now?"
            : "Begin a settling round with the payments of now, and keep the kitty?",
          [
            .run(
              .beginRound(
                group: data.group.id,
                NewSettlingRound(
                  id: id, centre: centre, keep: keep == nil ? nil : "kitty", by: keep?.rawValue)))
          ])
      ]
    case .endRound:
      guard let round, round.endedAt == nil else { return [] }
      return [
        .confirm(
          "End the round? Open payments are void; what is booked stays.",
          [.run(.endRound(group: data.group.id, round: round.id))])
      ]
    default: return []
    }
  }

  private func tick(_ payment: RoundPayment, of round: SettlingRound) -> [Action] {
    let words: SafeText =
      "\(list.words(payment.transfer, "→")), \(SafeText(Money(amount: payment.amount, currency: payment.currency)))"
    switch payment.state {
    case .open:
      return [
        .confirm(
          "Book as paid today: \(words)?",
          [.run(.bookPayments(group: data.group.id, round: round.id, [payment.number]))])
      ]
    case .paid:
      guard let entry = payment.entry else { return [] }
      return [
        .confirm(
          "Take back: \(words)? The payment is deleted.",
          [.run(.deleteEntry(group: data.group.id, entry: entry))])
      ]
    case .void: return [.toast("The round has ended.")]
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .round(data.group.id, let round):
      if self.round?.id != round?.id { id = context.newID() }
      self.round = round
      isLoaded = true
      selection.update(payments.map(\.number))
    case .roundChanged(data.group.id): return reload
    case .entryDeleted: return reload + [.toast("Taken back.")]
    case .failed(.deleteEntry, let failure): return [.toast(SafeText(failure.message("Not taken back.")))]
    case .failed(.bookPayments(data.group.id, _, _), let failure):
      return reload + [.toast(SafeText(failure.message("Not booked.")) + " What is ticked is booked.")]
    case .failed(.beginRound(data.group.id, _), let failure):
      return reload + [.toast(SafeText(failure.message("No round was begun.")))]
    case .failed(.endRound(data.group.id, _), let failure):
      return reload + [.toast(SafeText(failure.message("The round goes on.")))]
    default: break
    }
    return []
  }

  private var reload: [Action] { (refresh + [.loadGroup(data.group.id)]).map { .run($0) } }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard isLoaded else {
      canvas.draw("Loading the round…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    list.view(into: &canvas, rows: rows, rowSelection, context)
  }

  private var list: SettleList {
    SettleList(
      words: words, rows: settleRows, data: data, total: payments.count)
  }

  private var settleRows: [SettleRow] {
    payments.map {
      SettleRow(transfer: $0.transfer, entry: $0.entry, number: $0.number, isVoid: $0.state == .void)
    }
  }

  private var rowSelection: ListSelection<SettleRow> {
    var rows = ListSelection<SettleRow>()
    rows.update(settleRows)
    if let index = selection.index(in: payments.map(\.number)) {
      rows.select(settleRows[index], in: settleRows)
    }
    return rows
  }

  private var words: SafeText {
    guard let round else {
      return
        "There is no settling round. \(key: .beginRound, "n") keeps the payments of now as a list: it does not change while you tick it off."
    }
    let open = payments.count { $0.state == .open }
    if round.endedAt != nil {
      let unpaid = payments.count { $0.state == .void }
      let void: SafeText =
        unpaid == 0 ? "" : unpaid == 1 ? " 1 payment is void." : " \(unpaid) payments are void."
      return "The latest round has ended.\(void) \(key: .beginRound, "n") begins another one."
    }
    if round.outdated {
      return
        "\(open) of \(payments.count) payments are open. The books changed since: they do not settle everything any more. \(key: .beginRound, "n") begins a round of now."
    }
    return open == 0
      ? "Everything is paid: the round is complete." : "\(open) of \(payments.count) payments are open."
  }
}
