/// The first setting that is not valid. The program does not start with it.
struct InvalidSettingsCheck: Check {
  let part = "settings"
  let invalid: Settings.Invalid

  func findings() -> [Finding] {
    [.fault("\(invalid.description) The other parts are checked when the settings are valid.")]
  }
}
