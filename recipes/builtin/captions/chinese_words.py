"""Chinese words for attributes; the first of a row is the plain one."""

from __future__ import annotations

from recipes.builtin.captions.tables import rows

GENRES = rows("""
    pop: 流行, 流行音乐, 流行歌曲, 流行乐
    rock: 摇滚, 摇滚, 摇滚乐, 摇滚歌曲, 另类摇滚
    metal: 金属, 重金属, 金属乐, 重金属音乐
    blues: 布鲁斯, 蓝调, 布鲁斯音乐, 蓝调音乐
    jazz: 爵士, 爵士, 爵士乐, 爵士音乐
    funk: 放克, 放克, 放克音乐, funk
    soul: 灵魂乐, 节奏布鲁斯, r&b, 灵魂音乐
    reggae: 雷鬼, 雷鬼, 雷鬼音乐, 牙买加雷鬼
    bossa nova: 波萨诺瓦, 巴萨诺瓦, 波萨诺瓦, bossa nova
    latin: 拉丁, 拉丁音乐, 萨尔萨, 拉丁舞曲
    ballad: 抒情, 抒情歌曲, 抒情慢歌, 情歌
    country: 乡村, 乡村音乐, 乡村歌曲, 美式乡村
    folk: 民谣, 民谣, 民谣音乐, 民谣歌曲
    cinematic: 电影配乐, 影视配乐, 电影原声, 管弦乐
    classical: 古典, 古典音乐, 古典乐, 室内乐
    lo-fi: lofi, lo-fi, 低保真, 低保真嘻哈, 学习背景音乐, lofi嘻哈
    house: 浩室, house, 浩室音乐, house舞曲
    techno: 科技舞曲, techno, 泰克诺, 工业techno
    trance: 迷幻舞曲, trance, 出神音乐, 电子舞曲
    disco: 迪斯科, 迪斯科, 迪斯科舞曲, disco
    synthwave: 合成器浪潮, 蒸汽波, synthwave, 复古电子
    hip-hop: 嘻哈, 嘻哈, 说唱伴奏, 嘻哈节拍, hip-hop
    trap: 陷阱, trap, trap说唱, 陷阱音乐
    drum and bass: 鼓打贝斯, 鼓与贝斯, dnb, drum and bass
    ambient: 氛围, 氛围音乐, 环境音乐, 冥想音乐
    chiptune: 8位, 8位游戏音乐, 芯片音乐, 游戏音乐, 像素游戏音乐
""")

ERAS = rows("""
    50s: 50年代, 五十年代
    60s: 60年代, 六十年代
    70s: 70年代, 七十年代
    80s: 80年代, 八十年代
    90s: 90年代, 九十年代
    2000s: 2000年代, 千禧年代
""")

TEMPOS = rows("""
    very slow: 很慢的, 非常缓慢的, 极慢的
    slow: 慢速的, 缓慢的, 慢节奏的, 慢板的
    medium: 中速的, 中等速度的, 节奏适中的
    fast: 快速的, 快节奏的, 轻快的
    very fast: 很快的, 非常快的, 极快的
""")

MOODS = rows("""
    happy: 快乐的, 欢快的, 开心的, 愉快的
    uplifting: 振奋的, 积极的, 充满希望的
    sad: 悲伤的, 忧伤的, 伤感的, 难过的
    dark: 黑暗的, 阴暗的, 阴郁的
    energetic: 充满活力的, 有力的, 激情的, 动感十足的
    calm: 平静的, 安静的, 宁静的, 温柔的
    aggressive: 激进的, 愤怒的, 激烈的
    dreamy: 梦幻的, 空灵的, 飘渺的
    romantic: 浪漫的, 温馨的, 深情的
    epic: 史诗般的, 宏大的, 壮丽的
    mysterious: 神秘的, 诡异的
    tense: 紧张的, 悬疑的
    nostalgic: 怀旧的, 复古的
    playful: 俏皮的, 有趣的, 活泼的
    groovy: 律动感强的, 有律动的, 动感的
    relaxed: 放松的, 轻松的, 悠闲的, 慵懒的
""")

INSTRUMENTS = rows("""
    piano: 钢琴, 钢琴, 大钢琴
    electric piano: 电钢琴, 电钢, 罗兹电钢琴
    organ: 风琴, 电风琴, 管风琴
    strings: 弦乐, 弦乐组, 小提琴, 管弦
    clean guitar: 清音吉他, 电吉他, 清音电吉他
    distorted guitar: 失真吉他, 失真电吉他, 响亮的吉他, 过载吉他
    acoustic guitar: 木吉他, 古典吉他, 原声吉他
    guitar: 吉他
    guitar solo: 吉他独奏, 主音吉他, 电吉他独奏
    synth pad: 合成器铺底, 合成器长音, 合成器和弦
    synth lead: 合成器主音, 合成器旋律, 主奏合成器
    synth: 合成器, 合成器, 电子合成器
    saxophone: 萨克斯, 萨克斯, 萨克斯风
    trumpet: 小号, 小号, 铜管
    flute: 长笛, 长笛, 笛子
    chip lead: 方波主音, 8位主旋律, 芯片旋律
    chip arpeggio: 8位琶音, 芯片琶音
    vibraphone: 颤音琴, 颤音琴, 电颤琴
    music box: 八音盒, 八音盒, 音乐盒
    pluck: 合成器拨弦, 合成器琶音
    choir: 合唱, 合唱铺底, 人声合唱音色
    bass: 贝斯, 低音, 贝斯线
    bass guitar: 电贝斯, 贝斯吉他
    slap bass: 拍弦贝斯, slap贝斯
    synth bass: 合成器贝斯, 合成低音
    double bass: 低音提琴, 原声贝斯, 立式贝斯
    808 bass: 808贝斯, 808低音, 超低音
    drums: 鼓, 鼓, 鼓点, 架子鼓, 鼓组
    percussion: 打击乐, 打击乐器
    shaker: 沙锤
    tambourine: 铃鼓
    congas: 康加鼓
    bongos: 邦戈鼓
    cowbell: 牛铃
    clave: 响棒
    woodblock: 木鱼
    triangle: 三角铁
    cabasa: 卡巴萨
    brushes: 鼓刷
""")

KITS = rows("""
    acoustic: 原声鼓, 真实的鼓
    rock: 重鼓, 沉重的鼓, 有力的鼓, 摇滚鼓
    80s: 低沉的鼓, 80年代鼓机, 鼓机, 复古鼓机
    house: 四拍底鼓, 浩室节拍, 拍手声
    808: 808鼓, 808鼓机
    techno: 重击底鼓, 强劲的底鼓
    lofi: 低保真鼓点, 柔和的鼓
    jazz: 刷子鼓, 爵士鼓, 轻柔的鼓
    dnb: 碎拍, 快速碎拍
    chip: 8位鼓, 芯片鼓
""")

DENSITIES = rows("""
    sparse: 简约的, 稀疏的, 极简的
    busy: 密集的, 丰富的, 饱满的
""")

FEELS = rows("""
    swing: 摇摆的, 摇摆节奏的
""")

MODES = rows("""
    dorian: 多利亚调式
    mixolydian: 混合利底亚调式
    phrygian: 弗里几亚调式
    lydian: 利底亚调式
""")

SCENES = (
    *("适合学习", "下雨天", "夜晚", "海边", "适合跳舞", "公路旅行", "星空下", "适合睡前"),
    *("电影里的", "森林里", "日落时分", "咖啡馆里"),
)
"""What people add that promises nothing about the notes."""
