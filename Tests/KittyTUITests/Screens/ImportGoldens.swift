import KittyShared

@testable import KittyTUI

/// Golden cases of imports of files of other programs.
enum ImportGoldens {
  static let all: [GoldenScreen] = [
    .init("import-preview") { preview(Fixtures.importReport) },
    .init("import-differs") { preview(Fixtures.differingReport) },
    .init("import-later") { preview(Fixtures.laterReport) },
    .init("import-differs-question") {
      var state = preview(Fixtures.differingReport)
      state.type("iy")
      return state
    },
    .init("import-member") {
      var state = preview(Fixtures.importReport)
      state.press(.enter)
      return state
    },
    .init("import-question") {
      var (state, effect) = asked()
      state.get(
        .failed(
          effect,
          .rejected(
            .invalid(
              "line 2", "ambiguous_days",
              "\"1/2/2026\" could be day and month or month and day, and no other day tells. Send dates=dmy or dates=mdy."
            ))))
      return state
    },
    .init("import-columns") {
      var (state, effect) = asked()
      state.get(.failed(effect, .rejected(.invalid("format", "unknown_format", "It is no file of these."))))
      state.press(.enter)
      state.type("Päivä")
      return state
    },
    .init("import-roles") {
      var (state, effect) = asked()
      let fault = FieldError(
        field: "line 1", code: "unknown_column",
        message:
          "It is not known what these columns do to balances: \"Owner\", column 5, which has no title (#5). Give each a role with columns=.",
        columns: ["Owner", "#5"])
      state.get(.failed(effect, .rejected(.invalid([fault]))))
      return state
    },
    .init("imports") {
      var state = Fixtures.openGroup()
      state.perform(ImportsScreen(Fixtures.data))
      state.get(.imports(group: Fixtures.group().id, Fixtures.imports))
      return state
    },
    .init("import-ssh") {
      var state = Fixtures.openGroup()
      state.context.kiosk = "kitty@pay.example.org"
      state.type("I")
      return state
    },
  ]

  /// The form in a group, with a file whose preview is asked for.
  static func asked() -> (AppState, Effect) {
    var state = Fixtures.openGroup()
    state.type("I~/alps.csv")
    state.press(.enter)
    let effects = state.get(.importFound(path: "~/alps.csv", isExport: false))
    state.finish(.lookAtImport(path: "~/alps.csv"))
    return (state, effects.first ?? .cancel)
  }

  static func preview(_ report: ImportReport) -> AppState {
    var (state, effect) = asked()
    state.get(.importPreviewed(report))
    state.finish(effect)
    return state
  }
}
