import Curl
import Foundation
import KittyShared
import Testing
import Vips

@testable import KittyServer

/// The folders of photos and uploads.
@Suite struct PhotoFolderTests {
  @Test func foldersArePrivateToTheServer() throws {
    let folder = NSTemporaryDirectory() + "kitty-folder-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try PhotoFolder(dataFolder: folder)
    _ = try UploadFolder(dataFolder: folder)
    for path in [folder, folder + "/photos", folder + "/uploads"] {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
      #expect(mode?.intValue == 0o750)
    }
    #expect(throws: PhotoStorageFailure.self) { try PhotoFolder(dataFolder: "/proc/none") }
  }
}
