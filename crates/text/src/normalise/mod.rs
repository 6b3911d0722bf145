//! Normal forms of names, phone numbers, e-mail addresses, postal addresses and codes (R-NRM), and masks (R-FLS-02).
//!
//! All lists (suffixes, divisions, area codes, …) are data files of this crate.

pub mod address;
pub mod company;
pub mod divisions;
pub mod email;
pub mod mask;
pub mod person;
pub mod phone;
pub mod uscc;

pub use address::{ParsedAddress, parse_address};
pub use company::{CompanyKeys, company_keys};
pub use divisions::{Division, DivisionLevel, Divisions, divisions};
pub use email::{Email, EmailError, is_free_mail, normalise_email};
pub use person::{PersonName, person_match_key, split_person_name};
pub use phone::{Phone, PhoneContext, PhoneKind, country_of_division, landline_division, normalise_phone, split_phones};
pub use uscc::{UsccError, check_uscc};
