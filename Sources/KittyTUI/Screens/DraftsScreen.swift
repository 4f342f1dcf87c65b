import KittyShared

/// The drafts of the user: what was typed in an earlier session and not saved.
struct DraftsScreen: Screen {
  private(set) var drafts: [Draft.Stored]
  private(set) var selection = ListSelection<ID>()
  /// The names of the groups, for drafts that do not have it.
  private var groups: [ID: SafeText] = [:]
  /// The draft whose group is being read to open it.
  private var opening: Draft.Stored?
  /// The reason why a draft could not be opened.
  private var refusal: SafeText = ""
  /// `true` after there were drafts: then there is no reason to stay without them.
  private var hadDrafts = false
  /// The draft that the user was asked about. Others are dropped when they are saved.
  private var dropping: ID?
  /// `true` until the drafts are read.
  private var isUnread: Bool

  /// The drafts that were found.
  init(_ drafts: [Draft.Stored]) {
    self.drafts = drafts
    isUnread = false
    hadDrafts = !drafts.isEmpty
    selection.update(ids)
  }

  /// Reads the drafts first.
  init() {
    drafts = []
    isUnread = true
  }

  var title: SafeText { "Drafts" }
  var showsDrafts: Bool { true }
  var needsData: Bool { isUnread }
  var refresh: [Effect] { [.loadDrafts] }
  var bindings: [Binding] {
    [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "open the draft", .open,
        footer: drafts.isEmpty ? "" : "open"),
      Binding(
        [.character("d"), .delete], "d Del", "drop the draft", .remove, footer: drafts.isEmpty ? "" : "drop"),
    ] + Binding.moving + Binding.leaving
  }

  private var ids: [ID] { drafts.map(\.file) }
  private var selected: Draft.Stored? { selection.index(in: ids).map { drafts[$0] } }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: ids, page: max(1, context.rows.count - 4)) { return [] }
    switch command {
    case .open: return selected.map { open($0, context) } ?? []
    case .remove:
      guard let selected else { break }
      dropping = selected.file
      return [
        .confirm(
          "Drop \(words(for: selected.draft))? What was typed is lost.",
          [
            .run(.dropDraft(file: selected.file))
          ])
      ]
    default: break
    }
    return []
  }

  private mutating func open(_ stored: Draft.Stored, _ context: Context) -> [Action] {
    refusal = ""
    guard stored.draft.name.kind != .importing || context.hasFiles else {
      return [.toast(SafeText(EffectRunner.noFiles))]
    }
    guard let group = stored.draft.group else {
      opening = nil
      guard let form = stored.draft.form(today: context.today) else { return refuse(stored) }
      return [.resume(form, file: stored.file)]
    }
    opening = stored
    return [.run(.loadPresent(group: group, entry: nil))]
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .drafts(let content):
      hadDrafts = hadDrafts || !drafts.isEmpty
      drafts = content.drafts
      isUnread = false
      selection.update(ids)
      if hadDrafts && drafts.isEmpty { return [.pop] }
    case .draftDropped(let file):
      guard drafts.contains(where: { $0.file == file }) else { break }
      drafts.removeAll { $0.file == file }
      selection.update(ids)
      guard dropping == file else { break }
      dropping = nil
      return drafts.isEmpty ? [.pop, .toast("Dropped.")] : [.toast("Dropped.")]
    case .groups(let groups):
      for group in groups { self.groups[group.id] = SafeText(group.name) }
    case .present(let present):
      guard let opening, opening.draft.group == present.data.group.id else { break }
      self.opening = nil
      return resume(opening, present.data, context)
    case .failed(.loadPresent(let group, nil), let failure) where opening?.draft.group == group:
      opening = nil
      refusal = "It cannot be opened now, and stays here. \(failure.message)"
    default: break
    }
    return []
  }

  /// Opens the form above its group, where the user is after saving.
  private mutating func resume(_ stored: Draft.Stored, _ data: GroupData, _ context: Context) -> [Action] {
    guard let form = stored.draft.form(data, today: context.today) else { return refuse(stored) }
    if stored.draft.name.kind == .group { return [.resume(form, file: stored.file)] }
    return [.push(GroupScreen(data.group)), .resume(form, file: stored.file)]
  }

  private mutating func refuse(_ stored: Draft.Stored) -> [Action] {
    refusal =
      "It cannot be opened any more: what it belongs to is gone. Its text: \(Self.text(of: stored.draft))"
    return []
  }

  /// Describes a draft, such as `an unsaved expense in "Flat 12"`.
  private func words(for draft: Draft) -> SafeText {
    let kind: SafeText =
      switch draft.name.kind {
      case .expense: draft.entry == nil ? "an unsaved expense" : "an unsaved change of an expense"
      case .payment: draft.entry == nil ? "an unsaved payment" : "an unsaved change of a payment"
      case .count: "an unsaved count of the kitty"
      case .comment: "an unsaved comment"
      case .member: draft.member == nil ? "an unsaved member" : "an unsaved change of a member"
      case .category: draft.category == nil ? "an unsaved category" : "an unsaved change of a category"
      case .group: draft.changedGroup == nil ? "an unsaved group" : "an unsaved change of a group"
      case .invite: "an unsaved invite"
      case .target: "an unsaved target"
      case .recurring: draft.rule == nil ? "an unsaved rule" : "an unsaved change of a rule"
      case .profile: "an unsaved change of your profile"
      case .address: "an unsaved address"
      case .token: "an unsaved API token"
      case .importing: "an unsaved import"
      }
    guard let group = draft.group, draft.name.kind != .group || draft.groupName != "" else { return kind }
    let name = groups[group] ?? SafeText(draft.groupName)
    return name.string.isEmpty ? kind : "\(kind) in \(name)"
  }

  /// The typed words of a draft.
  private static func text(of draft: Draft) -> SafeText {
    let names = [
      "description", "name", "text", "amount", "counted", "targets.0.amount", "note", "displayName",
      "timeZone",
      "email", "path",
    ]
    let texts = names.compactMap { draft.fields[$0] }.filter { !$0.isEmpty } + draft.items.map(\.words)
    return SafeText(texts.joined(separator: ", "))
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = rows.lowerBound
    canvas.placeCursor(row: row, column: 0)
    func say(_ text: SafeText, _ style: Style = .normal) {
      for line in text.wrapped(to: max(10, context.width - 4)) where row < rows.upperBound {
        canvas.draw(line, row: row, column: 2, style: style)
        row += 1
      }
    }
    guard let selected, let index = selection.index(in: ids) else {
      return say(isUnread ? "Reading your drafts…" : "You have no unsaved drafts.", .muted)
    }
    let when = context.shortTime(of: selected.savedAt)
    say(
      "You have \(words(for: selected.draft)) from \(when): \(key: .open, "Enter") opens it, \(key: .remove, "d") drops it.",
      .bold)
    if !refusal.string.isEmpty { say(refusal, .error) }
    row += 1
    let list = row..<max(row, rows.upperBound)
    let visible = selection.visible(in: ids, height: list.count)
    ListTable(
      columns: [
        .init(rank: 0, least: 10, most: 24),
        .init(rank: 2, least: 8, fills: true),
        .init(rank: 1, edge: .right),
      ],
      rows: drafts[visible].map { stored in
        [
          .text("\(stored.draft.name.kind.rawValue)"), .text(Self.text(of: stored.draft)),
          .text(context.shortTime(of: stored.savedAt), .muted),
        ]
      }
    ).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: index - visible.lowerBound)
  }
}

extension Draft {
  /// Returns the form of a draft that needs no data of a group.
  func form(today: Day) -> (any Screen)? {
    switch name.kind {
    case .group: GroupForm(draft: self, today: today)
    case .profile: account.map { ProfileForm($0, draft: self) }
    case .address: account.map { AddressForm($0, draft: self) }
    case .token: TokenForm(draft: self, today: today)
    case .importing: ImportForm(draft: self)
    case .expense, .payment, .count, .comment, .member, .category, .invite, .target, .recurring: nil
    }
  }

  /// Returns the form with the input of the draft; `nil` when what it belongs to no longer exists.
  func form(_ data: GroupData, today: Day) -> (any Screen)? {
    let place = data.group.id
    return switch name.kind {
    case .expense: ExpenseForm(data, today: today, draft: self)
    case .payment, .count: PaymentForm(data, today: today, draft: self)
    case .comment: entry.map { CommentForm(group: place, entry: $0, draft: self) }
    case .member: MemberForm(group: place, draft: self)
    case .category: CategoryForm(data, draft: self)
    case .group: GroupForm(draft: self, today: today)
    case .invite: InviteForm(data, draft: self)
    case .target: TargetForm(data, draft: self)
    case .recurring: RecurringForm(data, today: today, draft: self)
    case .importing: ImportForm(group == nil ? nil : data, draft: self)
    case .profile, .address, .token: form(today: today)
    }
  }
}
