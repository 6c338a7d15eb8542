//! A limit on everything, with its reason beside it.

/// Touchpoints of one journey: they are bits of one machine word in every fold.
pub const TOUCHPOINTS_MAX: usize = 56;
/// Stages of one journey.
pub const STAGES_MAX: usize = 20;
/// Longest text on a card, in characters: a card is read at a glance.
pub const CARD_CHARS_MAX: usize = 600;
/// Cards of one map.
pub const CARDS_MAX: usize = 2_000;
/// Bytes of one definition document.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;
/// Bytes of one line of an imported file; a longer one is rejected, not read into memory.
pub const LINE_BYTES_MAX: usize = 1 << 20;
/// Columns of an imported file.
pub const COLUMNS_MAX: usize = 2_000;
/// Characters of an event name, a channel or a property key.
pub const NAME_CHARS_MAX: usize = 200;
/// Characters of a person's identifier.
pub const IDENTIFIER_CHARS_MAX: usize = 512;
/// Characters of a property value; a longer one is cut and the cut is counted.
pub const VALUE_CHARS_MAX: usize = 8_192;
/// Distinct event names of a workspace.
pub const EVENT_NAMES_MAX: usize = 65_535;
/// Distinct channels of a workspace.
pub const CHANNELS_MAX: usize = 1_000;
/// Distinct (property, type) columns of a workspace.
pub const PROPERTIES_MAX: usize = 1_000;
/// People a list answers at once.
pub const PAGE_MAX: usize = 1_000;
