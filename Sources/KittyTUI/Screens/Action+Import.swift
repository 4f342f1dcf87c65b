import KittyShared

extension Action {
  /// The way to import a file: its form; in a session over ssh the commands for it; where files are off the reason.
  /// - Parameter data: The group; `nil` for a new one.
  static func importFile(into data: GroupData?, _ context: Context) -> Action {
    if let kiosk = context.kiosk { return .push(SSHImportScreen(kiosk, data)) }
    guard context.hasFiles else { return .toast(SafeText(EffectRunner.noFiles)) }
    return .push(ImportForm(data, id: context.newID(), key: context.newID()))
  }
}
