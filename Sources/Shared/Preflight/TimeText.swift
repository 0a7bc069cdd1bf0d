/// A length of time in the largest unit that fits, rounded down.
func duration(_ seconds: Int64) -> String {
    switch seconds {
    case (2 * 86400)...: "\(seconds / 86400) days"
    case (2 * 3600)...: "\(seconds / 3600) hours"
    case 120...: "\(seconds / 60) minutes"
    default: "\(seconds) seconds"
    }
}

/// A time as az takes it, such as `2027-11-24T00:00:00Z`, from seconds since 1970.
///
/// The calendar is computed here (H. Hinnant's days-from-civil, inverted), since it is all that is needed of dates.
func utcTime(_ seconds: Int64) -> String {
    let days = Int64((Double(seconds) / 86400).rounded(.down))
    let second = seconds - days * 86400
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let date = "\(year)-\(twoDigits(month))-\(twoDigits(day))"
    return "\(date)T\(twoDigits(second / 3600)):\(twoDigits(second / 60 % 60)):\(twoDigits(second % 60))Z"
}

private func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
