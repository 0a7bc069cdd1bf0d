/// A length of time in at most two units, such as `42 s`, `5 min 10 s`, `2 h 5 min` or `30 days 4 h`; rounded down.
package func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "a long time" }
    let whole = Int(max(0, seconds))
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    if hours >= 48 { return hours % 24 > 0 ? "\(hours / 24) days \(hours % 24) h" : "\(hours / 24) days" }
    if hours > 0 { return minutes > 0 ? "\(hours) h \(minutes) min" : "\(hours) h" }
    if minutes > 0 { return rest > 0 ? "\(minutes) min \(rest) s" : "\(minutes) min" }
    return "\(rest) s"
}

/// A time in UTC as RFC 3339, such as `2027-11-24T00:00:00Z`, from seconds since 1970; right for the years 0 to 9999.
package func utcTime(_ seconds: Int64) -> String {
    let second = (seconds % 86400 + 86400) % 86400
    // Rounded down; a server may send the least of all numbers, from which nothing can be taken.
    let day = CalendarDay(seconds >= 0 ? seconds / 86400 : (seconds + 1) / 86400 - 1)
    let year = String(day.year)
    let date = String(repeating: "0", count: max(0, 4 - year.utf8.count)) + "\(year)-\(two(day.month))-\(two(day.day))"
    return "\(date)T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
}

private func two(_ number: some BinaryInteger) -> String { number < 10 ? "0\(number)" : "\(number)" }

/// A day of the Gregorian calendar.
///
/// The calendar is computed here (H. Hinnant, "chrono-compatible low-level date algorithms": civil_from_days and
/// days_from_civil), since it is all that is needed of dates. Years begin in March there, so that the leap day is the
/// last of them.
package struct CalendarDay: Sendable, Hashable {
    /// Days since 1970-01-01.
    package let number: Int64
    package let year: Int64
    /// From 1.
    package let month: Int
    /// From 1.
    package let day: Int

    /// - Parameter number: days since 1970-01-01, within some million years of it.
    package init(_ number: Int64) {
        self.number = number
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Nil if there is no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1, day <= Self.daysIn(month, of: Int64(year)) else { return nil }
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        number = Int64(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
        (self.year, self.month, self.day) = (Int64(year), month, day)
    }

    /// 0 is Sunday.
    package var weekday: Int { Int(((number + 4) % 7 + 7) % 7) }

    package var daysInMonth: Int { Self.daysIn(month, of: year) }

    private static func daysIn(_ month: Int, of year: Int64) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
