# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""MAP short message operations (TS 29.002 17.7.6, 17.6) of versions 1 to 3 for pyasn1: what stands in a parameter, and where it belongs.

Each version has a type of its own, so that an element in a version that does not have it is found.

    operation(code, context, version)   "mo-ForwardSM"
    OPERATIONS["mo-ForwardSM"][3]       .code .context .argument .result
    error_type(code, version)           type of the parameter, or None
"""

import collections

from asn1_types import Address, Any, Bits, Bool, Enum, Int, Null, Octets, Tbcd, choice, opt, req, seq

Op = collections.namedtuple("Op", "code context argument result")   # argument, result: a type or None

CorrelationId = seq("CorrelationId", opt("hlr-id", Octets, 0), opt("sip-uri-A", Octets, 1), req("sip-uri-B", Octets, 2))
ExtensionContainer = seq("ExtensionContainer", opt("privateExtensionList", Any, 0), opt("pcs-Extensions", Any, 1))


def correlation(number=None):
    return opt("correlationID", CorrelationId, number)


# ---- sendRoutingInfoForSM 45 ----

SRI_12 = (req("msisdn", Address, 0), req("sm-RP-PRI", Bool, 1), req("serviceCentreAddress", Address, 2))
SriArg12 = seq("SriArg12", *SRI_12)
SriArg3 = seq("SriArg3", *SRI_12, opt("extensionContainer", ExtensionContainer, 6), opt("gprsSupportIndicator", Null, 7), opt("sm-RP-MTI", Int, 8),
              opt("sm-RP-SMEA", Octets, 9), opt("sm-deliveryNotIntended", Enum, 10), opt("ip-sm-gwGuidanceIndicator", Null, 11), opt("imsi", Tbcd, 12),
              opt("t4-Trigger-Indicator", Null, 14), opt("singleAttemptDelivery", Null, 13), correlation(15), opt("smsf-supportIndicator", Null, 16))

Additional = choice("Additional", req("msc-Number", Address, 0), req("sgsn-Number", Address, 1))
Location1 = seq("Location1", opt("roamingNumber", Address, 0), opt("networkNode-Number", Address, 1), opt("lmsi", Octets))
Location2 = seq("Location2", req("networkNode-Number", Address, 1), opt("lmsi", Octets))
Location3 = seq("Location3", req("networkNode-Number", Address, 1), opt("lmsi", Octets), opt("extensionContainer", ExtensionContainer),
                opt("gprsNodeIndicator", Null, 5), opt("additional-Number", Additional, 6), opt("thirdNumber", Additional, 9),
                opt("imsNodeIndicator", Null, 11), opt("smsf3gppNumber", Address, 12), opt("smsfNon3gppNumber", Address, 14))
Guidance = seq("Guidance", req("minimumDeliveryTimeValue", Int), req("recommendedDeliveryTimeValue", Int))
SriRes1 = seq("SriRes1", req("imsi", Tbcd), req("locationInfoWithLMSI", Location1, 0), opt("mwd-Set", Bool, 2))
SriRes2 = seq("SriRes2", req("imsi", Tbcd), req("locationInfoWithLMSI", Location2, 0))
SriRes3 = seq("SriRes3", req("imsi", Tbcd), req("locationInfoWithLMSI", Location3, 0), opt("extensionContainer", ExtensionContainer, 4),
              opt("ip-sm-gwGuidance", Guidance, 5))

# ---- mo-ForwardSM 46, mt-ForwardSM 44, forwardSM 46 ----

RpDa = choice("RpDa", req("imsi", Tbcd, 0), req("lmsi", Octets, 1), req("serviceCentreAddressDA", Address, 4), req("noSM-RP-DA", Null, 5))
RpDa1 = choice("RpDa1", req("imsi", Tbcd, 0), req("lmsi", Octets, 1), req("roamingNumber", Address, 3), req("serviceCentreAddressDA", Address, 4),
               req("noSM-RP-DA", Null, 5))
RpOa = choice("RpOa", req("msisdn", Address, 2), req("serviceCentreAddressOA", Address, 4), req("noSM-RP-OA", Null, 5))
RP = (req("sm-RP-DA", RpDa), req("sm-RP-OA", RpOa), req("sm-RP-UI", Octets))
Forward1 = seq("Forward1", req("sm-RP-DA", RpDa1), req("sm-RP-OA", RpOa), req("sm-RP-UI", Octets))
Forward2 = seq("Forward2", *RP, opt("moreMessagesToSend", Null))
MoForward2 = seq("MoForward2", *RP)
MoForward3 = seq("MoForward3", *RP, opt("extensionContainer", ExtensionContainer), opt("imsi", Tbcd), correlation(0), opt("sm-DeliveryOutcome", Enum, 1))
MtForward3 = seq("MtForward3", *RP, opt("moreMessagesToSend", Null), opt("extensionContainer", ExtensionContainer), opt("smDeliveryTimer", Int),
                 opt("smDeliveryStartTime", Octets), opt("smsOverIP-OnlyIndicator", Null, 0), correlation(1),
                 opt("maximumRetransmissionTime", Octets, 2), opt("smsGmscAddress", Address, 3))
ForwardRes3 = seq("ForwardRes3", opt("sm-RP-UI", Octets), opt("extensionContainer", ExtensionContainer))

# ---- reportSM-DeliveryStatus 47, informServiceCentre 63, alertServiceCentre 64 and 49 ----

REPORT = (req("msisdn", Address), req("serviceCentreAddress", Address))
ReportArg1 = seq("ReportArg1", *REPORT)
ReportArg2 = seq("ReportArg2", *REPORT, req("sm-DeliveryOutcome", Enum))
ReportArg3 = seq("ReportArg3", *REPORT, req("sm-DeliveryOutcome", Enum), opt("absentSubscriberDiagnosticSM", Int, 0),
                 opt("extensionContainer", ExtensionContainer, 1), opt("gprsSupportIndicator", Null, 2), opt("deliveryOutcomeIndicator", Null, 3),
                 opt("additionalSM-DeliveryOutcome", Enum, 4), opt("additionalAbsentSubscriberDiagnosticSM", Int, 5), opt("ip-sm-gw-Indicator", Null, 6),
                 opt("ip-sm-gw-sm-deliveryOutcome", Enum, 7), opt("ip-sm-gw-absentSubscriberDiagnosticSM", Int, 8), opt("imsi", Tbcd, 9),
                 opt("singleAttemptDelivery", Null, 10), correlation(11))
ReportRes3 = seq("ReportRes3", opt("storedMSISDN", Address), opt("extensionContainer", ExtensionContainer))
Inform2 = seq("Inform2", opt("storedMSISDN", Address), opt("mw-Status", Bits))
Inform3 = seq("Inform3", opt("storedMSISDN", Address), opt("mw-Status", Bits), opt("extensionContainer", ExtensionContainer),
              opt("absentSubscriberDiagnosticSM", Int), opt("additionalAbsentSubscriberDiagnosticSM", Int, 0))
AlertArg1 = seq("AlertArg1", *REPORT)
AlertArg2 = seq("AlertArg2", *REPORT, opt("imsi", Tbcd), correlation(), opt("maximumUeAvailabilityTime", Octets, 0), opt("smsGmscAlertEvent", Enum, 1),
                opt("newSGSNNumber", Address, 3), opt("newMMENumber", Address, 5), opt("newMSCNumber", Address, 7))

# ---- readyForSM 66, noteSubscriberPresent 48, anyTimeModification 65 ----

Ready2 = seq("Ready2", req("imsi", Tbcd, 0), req("alertReason", Enum))
Ready3 = seq("Ready3", req("imsi", Tbcd, 0), req("alertReason", Enum), opt("alertReasonIndicator", Null), opt("extensionContainer", ExtensionContainer),
             opt("additionalAlertReasonIndicator", Null, 1), opt("maximumUeAvailabilityTime", Octets))
Subscriber = choice("Subscriber", req("imsi", Tbcd, 0), req("msisdn", Address, 1))
IpSmGwData = seq("IpSmGwData", opt("modifyRegistrationStatus", Enum, 0), opt("extensionContainer", ExtensionContainer, 1))
ModificationArg = seq("ModificationArg", req("subscriberIdentity", Subscriber, 0), req("gsmSCF-Address", Address, 1),
                      opt("modificationRequestFor-IP-SM-GW-Data", IpSmGwData, 8))
ModificationRes = seq("ModificationRes", opt("serviceCentreAddress", Address, 9))
EmptyRes = seq("EmptyRes", opt("extensionContainer", ExtensionContainer))

OPERATIONS = {
    "sendRoutingInfoForSM": {3: Op(45, 20, SriArg3, SriRes3), 2: Op(45, 20, SriArg12, SriRes2), 1: Op(45, 20, SriArg12, SriRes1)},
    "mo-ForwardSM": {3: Op(46, 21, MoForward3, ForwardRes3), 2: Op(46, 21, MoForward2, None), 1: Op(46, 21, Forward1, None)},
    "mt-ForwardSM": {3: Op(44, 25, MtForward3, ForwardRes3), 2: Op(46, 25, Forward2, None), 1: Op(46, 21, Forward1, None)},
    "reportSM-DeliveryStatus": {3: Op(47, 20, ReportArg3, ReportRes3), 2: Op(47, 20, ReportArg2, Address), 1: Op(47, 20, ReportArg1, None)},
    "alertServiceCentre": {2: Op(64, 23, AlertArg2, None), 1: Op(49, 23, AlertArg1, None)},
    "informServiceCentre": {3: Op(63, 20, Inform3, None), 2: Op(63, 20, Inform2, None)},
    "readyForSM": {3: Op(66, 24, Ready3, EmptyRes), 2: Op(66, 24, Ready2, None), 1: Op(48, 24, Tbcd, None)},
    "anyTimeModification": {3: Op(65, 43, ModificationArg, ModificationRes)},
}


def operation(code, context, version, argument=b""):
    """Its name. context is None in version 1, where the first octet of an RP address tells MO from MT."""
    for name, versions in OPERATIONS.items():
        op = versions.get(version)
        if op and op.code == code and (version == 1 or op.context == context):
            if version == 1 and code == 46:
                return "mo-ForwardSM" if argument[2:3] == b"\x84" or argument[:2] == b"\x30\x81" and argument[3:4] == b"\x84" else "mt-ForwardSM"
            return name
    return None


# ---- errors ----

UnknownSubscriber = seq("UnknownSubscriber", opt("extensionContainer", ExtensionContainer), opt("unknownSubscriberDiagnostic", Enum))
AbsentSm = seq("AbsentSm", opt("absentSubscriberDiagnosticSM", Int), opt("extensionContainer", ExtensionContainer),
               opt("additionalAbsentSubscriberDiagnosticSM", Int, 0), opt("imsi", Tbcd, 1))
Absent3 = seq("Absent3", opt("extensionContainer", ExtensionContainer), opt("absentSubscriberReason", Enum, 0))
BarredSeq = seq("BarredSeq", opt("callBarringCause", Enum), opt("extensionContainer", ExtensionContainer), opt("unauthorisedMessageOriginator", Null, 1))
Barred = choice("Barred", req("cause", Enum), req("extensible", BarredSeq))
Busy = seq("Busy", opt("extensionContainer", ExtensionContainer), opt("gprsConnectionSuspended", Null))
Failure = seq("Failure", req("sm-EnumeratedDeliveryFailureCause", Enum), opt("diagnosticInfo", Octets), opt("extensionContainer", ExtensionContainer))
SystemSeq = seq("SystemSeq", opt("networkResource", Enum), opt("extensionContainer", ExtensionContainer), opt("additionalNetworkResource", Enum, 0),
                opt("failureCauseParam", Enum, 1))
System = choice("System", req("networkResource", Enum), req("extensible", SystemSeq))
Plain = EmptyRes

ERRORS = {"unknownSubscriber": 1, "unidentifiedSubscriber": 5, "absentSubscriberSM": 6, "illegalSubscriber": 9, "teleserviceNotProvisioned": 11,
          "illegalEquipment": 12, "callBarred": 13, "facilityNotSupported": 21, "absentSubscriber": 27, "subscriberBusyForMT-SMS": 31,
          "sm-DeliveryFailure": 32, "messageWaitingListFull": 33, "systemFailure": 34, "dataMissing": 35, "unexpectedDataValue": 36,
          "resourceLimitation": 51, "atm-NotAllowed": 61}
ERROR_NAMES = {code: name for name, code in ERRORS.items()}
ERROR_TYPES = {1: {3: UnknownSubscriber}, 6: {3: AbsentSm}, 13: {1: Enum, 2: Enum, 3: Barred}, 27: {1: Bool, 3: Absent3}, 31: {3: Busy},
               32: {1: Enum, 2: Failure, 3: Failure}, 34: {2: Enum, 3: System}}


def error_type(code, version):
    """Type of the parameter; None: none in that version."""
    return ERROR_TYPES.get(code, {}).get(version, Plain if version == 3 and code not in ERROR_TYPES else None)
