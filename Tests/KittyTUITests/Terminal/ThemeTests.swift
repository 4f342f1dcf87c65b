import Foundation
import Testing

@testable import KittyTUI

/// The contrast of every role, computed as WCAG 2 says.
struct ThemeTests {
  private typealias Colour = (red: Int, green: Int, blue: Int)

  private func luminance(_ colour: Colour) -> Double {
    func linear(_ value: Int) -> Double {
      let share = Double(value) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue)
  }

  private func contrast(_ first: Colour, _ second: Colour) -> Double {
    let (light, dark) = (luminance(first), luminance(second))
    return (max(light, dark) + 0.05) / (min(light, dark) + 0.05)
  }

  /// A colour of the cube or the greys, which are the same on all terminals.
  private func fixed(_ index: Int16) throws -> Colour {
    try #require((16...255).contains(index), "colour \(index) is the terminal's own")
    if index >= 232 {
      let grey = 8 + 10 * (Int(index) - 232)
      return (grey, grey, grey)
    }
    let steps = [0, 95, 135, 175, 215, 255]
    let cube = Int(index) - 16
    return (steps[cube / 36], steps[cube / 6 % 6], steps[cube % 6])
  }

  @Test(arguments: [(ScreenSettings.ThemeName.light, 4.5), (.dark, 4.5), (.highContrast, 7)])
  func everyRoleCanBeRead(name: ScreenSettings.ThemeName, least: Double) throws {
    let theme = Theme(name, colours: 256)
    for role in Theme.roles {
      let look = theme.look(role)
      #expect(!look.isReverse, "\(role)")
      let found = contrast(try fixed(look.foreground), try fixed(look.background))
      #expect(found >= least, "\(name) \(role): \(found)")
    }
    // The lit row and the fields differ from the screen.
    #expect(theme.look(.selected).background != theme.normal.background)
  }

  /// The theme of the terminal's own colours has no background, so its colours must do on black and on white, with the
  /// palettes of xterm and of the Linux console.
  @Test func coloursOfTheTerminalAreReadableOnBlackAndWhite() throws {
    let xterm: [Int16: Colour] = [1: (205, 0, 0), 5: (205, 0, 205), 12: (92, 92, 255)]
    let console: [Int16: Colour] = [1: (170, 0, 0), 5: (170, 0, 170), 12: (85, 85, 255)]
    for colours in [8, 16, 256] {
      let theme = Theme(.terminal, colours: colours)
      #expect(theme.normal == Theme.Look())
      for role in Theme.roles {
        let look = theme.look(role)
        #expect(look.background == -1, "\(role)")
        guard look.foreground >= 0 else { continue }
        #expect(Int(look.foreground) < colours)
        for palette in [xterm, console] {
          let colour = try #require(palette[look.foreground], "\(role)")
          for background in [(0, 0, 0), (255, 255, 255)] as [Colour] {
            #expect(contrast(colour, background) >= 2.5, "\(role) \(colour) on \(background)")
          }
        }
      }
    }
  }

  @Test func monoHasAttributesAlone() {
    for theme in [Theme(.mono, colours: 256), Theme(.dark, colours: 0), Theme(.terminal, colours: 0)] {
      for role in Theme.roles {
        let look = theme.look(role)
        #expect(look.foreground == -1 && look.background == -1)
      }
      for role in [Style.selected, .error, .warning, .key, .field, .title] {
        #expect(theme.look(role) != theme.normal, "\(role)")
      }
    }
  }
}
