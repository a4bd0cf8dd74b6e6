"""The languages of Windows, with their regions, as `guest.language` names them.

From the appendix of [MS-LCID], without names whose region is missing or a number (es-419). Windows
accepts others as well, so a name that is not here is unknown, not wrong.
"""

from __future__ import annotations

_NAMES = """
    af-ZA am-ET ar-AE ar-BH ar-DZ ar-EG ar-IQ ar-JO ar-KW ar-LB ar-LY ar-MA ar-OM ar-QA ar-SA
    ar-SY ar-TN ar-YE arn-CL as-IN az-Cyrl-AZ az-Latn-AZ ba-RU be-BY bg-BG bn-BD bn-IN bo-CN
    br-FR bs-Cyrl-BA bs-Latn-BA ca-AD ca-ES chr-Cher-US co-FR cs-CZ cy-GB da-DK de-AT de-BE
    de-CH de-DE de-IT de-LI de-LU dsb-DE dv-MV dz-BT el-CY el-GR en-AE en-AU en-BZ en-CA en-GB
    en-HK en-ID en-IE en-IL en-IN en-MY en-NZ en-PH en-SG en-TT en-US en-ZA en-ZW es-AR es-BO
    es-CL es-CO es-CR es-CU es-DO es-EC es-ES es-GT es-HN es-MX es-NI es-PA es-PE es-PR es-PY
    es-SV es-US es-UY es-VE et-EE eu-ES fa-IR ff-Latn-SN fi-FI fil-PH fo-FO fr-BE fr-CA fr-CD
    fr-CH fr-CI fr-CM fr-FR fr-HT fr-LU fr-MA fr-MC fr-ML fr-RE fr-SN fy-NL ga-IE gl-ES gn-PY
    gsw-FR gu-IN ha-Latn-NG haw-US he-IL hi-IN hr-BA hr-HR hsb-DE hu-HU hy-AM id-ID ig-NG ii-CN
    is-IS it-CH it-IT it-VA iu-Cans-CA iu-Latn-CA ja-JP jv-Latn-ID ka-GE kk-KZ kl-GL km-KH kn-IN
    ko-KP ko-KR kok-IN ks-Arab-IN ku-Arab-IQ ky-KG la-VA lb-LU lo-LA lt-LT lv-LV mg-MG mi-NZ
    mk-MK ml-IN mn-MN mn-Mong-CN mni-IN moh-CA mr-IN ms-BN ms-MY mt-MT my-MM nb-NO nd-ZW ne-IN
    ne-NP nl-BE nl-NL nn-NO nqo-GN nr-ZA nso-ZA oc-FR om-ET or-IN pa-Arab-PK pa-IN pl-PL prs-AF
    ps-AF pt-AO pt-BR pt-MZ pt-PT quc-Latn-GT quz-BO quz-EC quz-PE rm-CH ro-MD ro-RO ru-BY ru-KZ
    ru-MD ru-RU ru-UA rw-RW sa-IN sah-RU sd-Arab-PK se-FI se-NO se-SE si-LK sk-SK sl-SI sma-NO
    sma-SE smj-NO smj-SE smn-FI sms-FI sn-Latn-ZW so-SO sq-AL sq-MK sq-XK sr-Cyrl-BA sr-Cyrl-ME
    sr-Cyrl-RS sr-Latn-BA sr-Latn-ME sr-Latn-RS ss-ZA st-ZA sv-AX sv-FI sv-SE sw-KE syr-SY ta-IN
    ta-LK te-IN tg-Cyrl-TJ th-TH ti-ER ti-ET tk-TM tn-BW tn-ZA tr-CY tr-TR ts-ZA tt-RU
    tzm-Latn-DZ ug-CN uk-UA ur-IN ur-PK uz-Cyrl-UZ uz-Latn-UZ ve-ZA vi-VN wo-SN xh-ZA yo-NG
    zgh-Tfng-MA zh-CN zh-HK zh-MO zh-SG zh-TW zu-ZA
"""
LANGUAGES = tuple(_NAMES.split())
"""All names, sorted, spelled as Windows spells them."""


def is_known_language(name: str) -> bool:
    """Whether a name, in upper or lower case, is that of a language of Windows.

    >>> is_known_language("es-es"), is_known_language("xx-XX")
    (True, False)
    """
    return name.casefold() in _KNOWN


_KNOWN = frozenset(name.casefold() for name in LANGUAGES)
