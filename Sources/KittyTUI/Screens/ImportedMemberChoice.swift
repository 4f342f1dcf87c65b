import KittyShared

/// The choice of the member here for a name in a file, shown over the preview.
struct ImportedMemberChoice: Sendable {
  private let member: ImportReport.Member
  /// The answers: a new guest, or a member here.
  private let answers: [Answer]
  /// The members of the group, whose names no new guest can have.
  private let names: Set<String>
  var form: FormFields

  private enum Answer: Hashable, Sendable {
    case guest
    /// The value of the request for a member: `me`, or an id.
    case member(String)
    /// A guest whom another name of the file becomes: the name here, and the names in the file.
    case same(String, of: [String])
  }

  init(_ member: ImportReport.Member, in report: ImportReport, _ data: GroupData?) {
    self.member = member
    var options: [(answer: Answer, name: SafeText, note: SafeText)] = [(.guest, "a new guest", "")]
    if let data {
      let me = data.group.me
      let others = data.present.filter { $0.id != me }
      options += (data.present.filter { $0.id == me } + others).map {
        (.member("\($0.id)"), $0.id == me ? "\($0.name) (you)" : SafeText($0.name), "")
      }
    } else {
      options.append((.member("me"), "me", "the owner of the new group"))
    }
    let guests = report.members.filter { $0.isNew && $0.here != member.here }
    for here in Set(guests.map(\.here)).sorted() {
      options.append(
        (.same(here, of: guests.filter { $0.here == here }.map(\.name)), "the same as \(here)", "new guest"))
    }
    answers = options.map(\.answer)
    names = Set((data?.present ?? []).map(\.name.nameKey))
    let isShared = report.members.count { $0.isNew && $0.here == member.here } > 1
    let present = answers.firstIndex { answer in
      guard case .member(let id) = answer, !member.isNew else { return false }
      return id == "me" || id == member.member.map { "\($0)" }
    }
    let choices = options.enumerated().map {
      Picker.Option($0.offset, $0.element.name, note: $0.element.note)
    }
    form = FormFields(
      [
        .init(
          name: "member", label: "Here", input: TextField(choices[present ?? 0].name.string, limit: 160),
          choices: choices),
        .init(
          name: "name", label: "Name",
          input: TextField(member.isNew && !isShared ? member.here : member.name, limit: 64)),
      ], shown: 1)
    form.picker = Picker(choices, at: present ?? 0)
  }

  var bindings: [Binding] { form.bindings(submit: "take") }

  private var answer: Answer? {
    form.fields[0].choices.first { $0.name.string == form["member"] }.map { answers[$0.value] }
  }

  /// Moves between the lines, or takes the answer.
  /// - Parameter members: The choices that were made before.
  /// - Returns: The choices with this one; `nil` while it is open.
  mutating func perform(_ command: Command, _ members: [String: String]) -> [String: String]? {
    let wasNamed = form.shown == 2
    guard form.settle(), let answer else { return nil }
    form.shown = answer == .guest ? 2 : 1
    switch command {
    case .down, .up: form.move(1)
    case .open where answer == .guest && !(wasNamed && form.isAtEnd): form.active = 1
    case .open, .submit: return take(answer, members)
    default: break
    }
    form.active = min(form.active, form.shown - 1)
    return nil
  }

  private mutating func take(_ answer: Answer, _ members: [String: String]) -> [String: String]? {
    var members = members
    switch answer {
    case .member(let value): members[member.name] = value
    case .same(let here, let others):
      for name in others + [member.name] { members[name] = here }
    case .guest:
      let name = form["name"].trimmed
      do { try form.text("name", max: 64) } catch {
        form.fields[1].error = SafeText(error.errors?.first?.message ?? error.detail)
        return nil
      }
      guard !names.contains(name.nameKey) else {
        form.fields[1].error =
          "The group has a member of this name. Choose them above, or write another name."
        return nil
      }
      members[member.name] = name == member.name ? nil : name
    }
    return members
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = rows.lowerBound
    for line in ("\"\(member.name)\" of the file is here:" as SafeText).wrapped(
      to: max(10, context.width - 3))
    {
      canvas.draw(line, row: row, column: 2, style: .bold)
      row += 1
    }
    _ = form.view(into: &canvas, row: row, width: context.width)
  }
}
